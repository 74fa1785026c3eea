#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"

namespace osbot_aws::engine {

/// One of a message's own attributes: a type such as String, Number.int or Binary, and its value.
struct Message_Attribute {
    std::string data_type;
    std::string value;  ///< of a Binary: the bytes
    bool binary() const { return data_type.starts_with("Binary"); }
};
using Message_Attributes = std::map<std::string, Message_Attribute>;  ///< in the order in which their MD5 is made

struct Message {
    std::string id, body;
    Message_Attributes attributes;
    std::string trace_header;        ///< AWSTraceHeader; empty: none
    std::string sender_id;           ///< an account
    std::string dead_letter_source;  ///< ARN of the queue it could not be handled in; empty: none
    base::Time sent_at{}, visible_at{};
    base::Time first_received_at{};
    int receive_count = 0;  ///< in all queues it was in
    int receives_here = 0;  ///< in this queue, for the redrive policy

    std::size_t bytes() const;  ///< as its limit counts
    /// What SQS says of it, by the names that a receive asks for and that functions see.
    std::map<std::string, std::string> system_attributes() const;
};

/// What counts for a message's limit: body, names, types and values of the attributes.
std::size_t message_bytes(std::string_view body, const Message_Attributes& attributes);

/// What a receive hands out.
struct Received_Message {
    Message message;
    std::string receipt_handle;
};

/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
struct Queue_Settings {
    std::chrono::seconds delay{0}, wait{0}, visibility{30}, retention{345'600};
    std::size_t message_bytes_max = 1'048'576;
    std::string dead_letter_arn;  ///< empty: no redrive policy
    int receives_max = 0;
};

/// The messages of one queue: which can be received, which are hidden and until when. Knows the time only as it is
/// told, and nothing of the store.
class Queue {
public:
    using Sequence = std::uint64_t;  ///< order of arrival

    Account account;
    std::string name, arn;
    std::string id;  ///< of this creation: a queue that is made anew under the name does not know old handles
    std::map<std::string, std::string> attributes;  ///< those that can be set, with their defaults
    std::map<std::string, std::string> tags;
    Queue_Settings settings;  ///< what `attributes` say
    base::Time created_at{}, modified_at{}, purged_at{};

    Sequence add(Message message, base::Time now);
    /// As it was, from the store.
    void restore(Sequence sequence, Message message, base::Time now);
    /// Up to `max` that can be received now, oldest first; nothing about them changes.
    std::vector<Sequence> receivable(std::size_t max, base::Time now);
    /// Counts the receive and hides it until then.
    const Message& receive(Sequence sequence, base::Time now, base::Time hidden_until);
    void hide(Sequence sequence, base::Time until, base::Time now);
    Message take(Sequence sequence);
    void clear();
    /// Those that are older than the queue keeps them; they are gone then.
    std::vector<Sequence> expire(base::Time now);

    const Message& at(Sequence sequence) const { return messages_.at(sequence); }
    const std::map<Sequence, Message>& messages() const { return messages_; }
    /// When the next hidden message can be received; nothing: none is hidden.
    std::optional<base::Time> next_visible() const;
    bool ready(base::Time now);

    struct Counts {
        std::size_t visible = 0, in_flight = 0, delayed = 0;
    };
    Counts counts(base::Time now);

    std::string handle_of(Sequence sequence) const;
    struct Handle {
        Sequence sequence = 0;
        bool current = false;  ///< of the last receive, and the message is still here
    };
    /// Nothing: it is not of this queue.
    std::optional<Handle> parse_handle(std::string_view text) const;

private:
    void settle(base::Time now);
    void place(Sequence sequence, const Message& message, base::Time now);
    void displace(Sequence sequence, const Message& message);

    std::map<Sequence, Message> messages_;
    std::set<Sequence> ready_;
    std::set<std::pair<base::Time, Sequence>> hidden_;  ///< delayed or in flight, by the time they can be seen
    Sequence next_ = 1;
};

}  // namespace osbot_aws::engine

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
#include "services/context.hpp"

namespace osbot_aws::services {

/// A custom attribute of a message: a type such as String, Number.int or Binary, and its value.
struct Message_Attribute {
    std::string data_type;
    std::string value;  ///< for Binary: the raw bytes
    bool binary() const { return data_type.starts_with("Binary"); }
};
using Message_Attributes = std::map<std::string, Message_Attribute>;  ///< in the order of their MD5

struct Message {
    std::string id, body;
    Message_Attributes attributes;
    std::string trace_header;        ///< AWSTraceHeader; empty: none
    std::string group_id;            ///< MessageGroupId; empty: none
    std::string sender_id;           ///< an account
    std::string dead_letter_source;  ///< ARN of the queue from which it was moved; empty: none
    base::Time sent_at{}, visible_at{};
    base::Time first_received_at{};
    int receive_count = 0;      ///< in all queues
    int receives_in_queue = 0;  ///< in this queue, for the redrive policy

    std::size_t bytes() const;  ///< the size that counts for the limit
    /// Returns the system attributes, by the names in ReceiveMessage and in function events.
    std::map<std::string, std::string> system_attributes() const;
};

/// Returns the size that counts for the limit: the body and the names, types and values of the attributes.
std::size_t message_bytes(std::string_view body, const Message_Attributes& attributes);

/// A message in the response of ReceiveMessage.
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

/// The messages of one queue: the visible ones, and the hidden ones with the time at which they become visible. The
/// caller passes the current time and writes changes to the store.
class Queue {
public:
    using Sequence = std::uint64_t;  ///< order of arrival

    Account account;
    std::string name, arn;
    std::string id;  ///< unique per creation, so a recreated queue rejects handles of the deleted one
    std::map<std::string, std::string> attributes;  ///< the settable ones, with their defaults
    std::map<std::string, std::string> tags;
    Queue_Settings settings;  ///< parsed from `attributes`
    base::Time created_at{}, modified_at{}, purged_at{};

    /// Reserves sequence numbers if none is left, and returns true if so: the caller saves reserved() in the
    /// transaction of the message that takes the next number. After a restart new messages start above all reserved
    /// numbers, so that a receipt handle never names another message.
    bool reserve_sequences();
    Sequence reserved() const { return reserved_; }
    void restore_reserved(Sequence reserved);
    /// Adds a new message and returns its sequence number.
    Sequence add(Message message, base::Time now);
    /// Adds a message from the store with its sequence number.
    void restore(Sequence sequence, Message message, base::Time now);
    /// Returns up to `max` visible messages, oldest first. Does not change them.
    std::vector<Sequence> receivable(std::size_t max, base::Time now);
    /// Counts a receive of the message and hides it until `hidden_until`.
    const Message& receive(Sequence sequence, base::Time now, base::Time hidden_until);
    void hide(Sequence sequence, base::Time until, base::Time now);
    /// Removes a message and returns it.
    Message take(Sequence sequence);
    void clear();
    /// Removes the messages older than the queue's retention period and returns their numbers.
    std::vector<Sequence> expire(base::Time now);

    const Message& at(Sequence sequence) const { return messages_.at(sequence); }
    const std::map<Sequence, Message>& messages() const { return messages_; }
    /// Returns when the next hidden message becomes visible; nullopt if none is hidden.
    std::optional<base::Time> next_visible() const;
    bool ready(base::Time now);

    struct Counts {
        std::size_t visible = 0, in_flight = 0, delayed = 0;
    };
    Counts counts(base::Time now);

    std::string handle_of(Sequence sequence) const;
    struct Handle {
        Sequence sequence = 0;
        bool current = false;  ///< true if it is from the last receive and the message still exists
    };
    /// Returns nothing if the handle is not from this queue.
    std::optional<Handle> parse_handle(std::string_view text) const;

private:
    /// Moves messages whose time has come from hidden_ to ready_.
    void update_ready(base::Time now);
    void insert_by_visibility(Sequence sequence, const Message& message, base::Time now);
    void erase_by_visibility(Sequence sequence, const Message& message);

    std::map<Sequence, Message> messages_;
    std::set<Sequence> ready_;
    std::set<std::pair<base::Time, Sequence>> hidden_;  ///< delayed or in flight, by the time they become visible
    Sequence next_ = 1;
    Sequence reserved_ = 0;  ///< the last number that may be used before the next reservation
};

}  // namespace osbot_aws::services

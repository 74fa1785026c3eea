#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "engine/sqs/queue.hpp"

namespace osbot_aws::engine {

struct Send_Message {
    std::string body;
    Message_Attributes attributes;
    std::string trace_header;
    std::optional<std::chrono::seconds> delay;  ///< nothing: the queue's
};

struct Queue_Page {
    std::vector<const Queue*> queues;
    std::string next_token;  ///< empty: that was all
};

/// SQS with standard queues, dead letters included. Messages and what is known of them are in memory; each change is
/// queued in the store. Loop thread only; no operation waits: who waits for messages asks when_ready().
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
class Sqs {
public:
    explicit Sqs(Context& context);

    void clear();
    void reload();  ///< after a write failed: memory goes back to what is durable

    /// The queue of that name, made if it was not there.
    /// Errors: InvalidParameterValue for its name; those of parse_queue_attributes(); QueueNameExists: one with other
    /// attributes is there.
    Result<const Queue*> create(const Account& account, const std::string& name,
                                const std::map<std::string, std::string>& attributes,
                                const std::map<std::string, std::string>& tags);
    /// Errors: QueueDoesNotExist.
    Result<const Queue*> find(const Account& account, std::string_view name) const;
    Result<const Queue*> find_arn(std::string_view arn) const;
    Queue_Page list(const Account& account, std::string_view prefix, std::string_view after, std::size_t max) const;
    /// Those whose redrive policy names this one.
    std::vector<const Queue*> sources_of(const Queue& dead_letter_queue) const;
    void remove(const Queue& queue);
    /// Errors: PurgeQueueInProgress within a minute of the last.
    Result<void> purge(const Queue& queue);
    /// What is not given stays as it is; an empty text takes it away.
    Result<void> set_attributes(const Queue& queue, const std::map<std::string, std::string>& changed);
    /// Of those names that the queue has; All for all. Errors: InvalidAttributeName.
    Result<std::map<std::string, std::string>> attributes(const Queue& queue, const std::vector<std::string>& names);
    void tag(const Queue& queue, const std::map<std::string, std::string>& added);
    void untag(const Queue& queue, const std::vector<std::string>& keys);

    /// The message as it is kept. Errors: InvalidParameterValue (size, delay, attributes), InvalidMessageContents,
    /// MissingParameter.
    Result<Message> send(const Queue& queue, Send_Message wanted);
    /// What can be received now, up to `max`, hidden from others for `visibility`; messages that were received too
    /// often go to the dead-letter queue instead. Errors: OverLimit: 120,000 messages are in flight.
    Result<std::vector<Received_Message>> receive(const Queue& queue, std::size_t max,
                                                  std::optional<std::chrono::seconds> visibility = {});
    /// Deletes the message; not when it was received again since, as on AWS. Errors: ReceiptHandleIsInvalid.
    Result<void> delete_message(const Queue& queue, std::string_view receipt_handle);
    /// Errors: ReceiptHandleIsInvalid; InvalidParameterValue; MessageNotInflight.
    Result<void> change_visibility(const Queue& queue, std::string_view receipt_handle, std::chrono::seconds timeout);

    /// Calls `ready` once, on the loop, when there is a message to receive in the queue of that ARN: maybe at once,
    /// maybe when it is made. Whoever asked first is called first.
    [[nodiscard]] base::Subscription_Ptr when_ready(const std::string& arn, std::function<void()> ready);

private:
    struct Waiter;
    using Waiters = std::list<Waiter*>;
    struct Wake {
        Waiters waiters;
        base::Subscription_Ptr timer;
        bool posted = false;
    };

    void load();
    Queue* writable(const Queue& queue);
    Queue* queue_of(std::string_view arn);
    void save(const Queue& queue);
    void save_message(const Queue& queue, Queue::Sequence sequence);
    void erase_message(const Queue& queue, Queue::Sequence sequence);
    void expire(Queue& queue);
    bool to_dead_letters(Queue& queue, Queue::Sequence sequence);
    /// Something about the queue's messages changed: wakes those who wait, now or when the next is to be seen.
    void changed(const std::string& arn);
    void wake(const std::string& arn);

    Context& context_;
    std::map<Account, std::map<std::string, Queue, std::less<>>> queues_;
    std::map<std::string, Wake, std::less<>> wakes_;  ///< by ARN
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// arn:aws:sqs:<region>:<account>:<name>; nothing: it is none.
struct Queue_Place {
    Account account;
    std::string name;
};
std::optional<Queue_Place> parse_queue_arn(std::string_view arn);

/// What clients compare.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
std::string md5_of_attributes(const Message_Attributes& attributes);

}  // namespace osbot_aws::engine

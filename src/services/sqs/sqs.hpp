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
#include "services/sqs/queue.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

struct Send_Message {
    std::string body;
    Message_Attributes attributes;
    std::string trace_header;
    std::string group_id = {};  ///< a tenant of the queue; messages of all tenants are received in order of arrival
    std::optional<std::chrono::seconds> delay;  ///< nullopt: the queue's delay
};

struct List_Queues {
    std::string prefix = {};
    std::string after = {};  ///< paging: list the names after this one
    std::size_t max = 1000;
    std::string dead_letter_arn = {};  ///< only queues whose redrive policy names this queue; empty: all
};

struct Queue_Page {
    std::vector<const Queue*> queues;
    std::string next_token;  ///< empty: this is the last page
};

/// SQS with standard queues, including dead-letter queues. Messages and their state are in memory; each change is
/// queued in the store. Loop thread only. No operation blocks: use when_ready() to wait for messages.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
class Sqs final : public State {
public:
    explicit Sqs(Context& context);

    void load() override;
    void clear() override;

    /// Creates a queue, or returns the existing one with this name.
    /// Errors: InvalidParameterValue for an invalid name; those of parse_queue_attributes(); QueueNameExists if the
    /// existing queue has other attributes.
    Result<const Queue*> create(const Account& account, const std::string& name,
                                const std::map<std::string, std::string>& attributes,
                                const std::map<std::string, std::string>& tags);
    /// Errors: QueueDoesNotExist.
    Result<const Queue*> find(const Account& account, std::string_view name) const;
    Result<const Queue*> find_arn(std::string_view arn) const;
    Queue_Page list(const Account& account, const List_Queues& request) const;
    void remove(const Queue& queue);
    /// Errors: PurgeQueueInProgress within a minute of the last purge.
    Result<void> purge(const Queue& queue);
    /// Changes only the attributes in the request. An empty value removes an attribute, or restores its default.
    Result<void> set_attributes(const Queue& queue, const std::map<std::string, std::string>& changes);
    /// Returns the requested attributes; `All` requests all of them. Errors: InvalidAttributeName.
    Result<std::map<std::string, std::string>> attributes(const Queue& queue, const std::vector<std::string>& names);
    void tag(const Queue& queue, const std::map<std::string, std::string>& added);
    void untag(const Queue& queue, const std::vector<std::string>& keys);

    /// Sends a message and returns it as stored. Errors: InvalidParameterValue (size, delay, attributes),
    /// InvalidMessageContents, MissingParameter.
    Result<Message> send(const Queue& queue, Send_Message request);
    /// Receives up to `max` visible messages and hides them for `visibility`. Messages that were received too often
    /// move to the dead-letter queue instead. Errors: OverLimit if 120,000 messages are in flight.
    Result<std::vector<Received_Message>> receive(const Queue& queue, std::size_t max,
                                                  std::optional<std::chrono::seconds> visibility = {});
    /// Deletes a message. As on AWS, does nothing if the message has been received again.
    /// Errors: ReceiptHandleIsInvalid.
    Result<void> delete_message(const Queue& queue, std::string_view receipt_handle);
    /// Errors: ReceiptHandleIsInvalid; InvalidParameterValue; MessageNotInflight.
    Result<void> change_visibility(const Queue& queue, std::string_view receipt_handle, std::chrono::seconds timeout);

    /// Calls `ready` once, on the loop, when the queue has a message to receive, or if the queue does not exist or is
    /// deleted. Callbacks run in the order of registration.
    [[nodiscard]] base::Subscription_Ptr when_ready(const std::string& arn, std::function<void()> ready);

private:
    struct Waiter;
    using Waiters = std::list<Waiter*>;
    struct Wake {
        Waiters waiters;
        base::Subscription_Ptr timer;
        bool posted = false;
    };

    Queue* writable(const Queue& queue);
    Queue* queue_of(std::string_view arn);
    void save(const Queue& queue);
    /// Adds a message to a queue and saves it.
    Queue::Sequence add(Queue& queue, Message message);
    void save_message(const Queue& queue, Queue::Sequence sequence);
    void erase_message(const Queue& queue, Queue::Sequence sequence);
    void expire(Queue& queue);
    /// Moves a message that was received too often. Returns false if it stays.
    bool move_to_dead_letter_queue(Queue& queue, Queue::Sequence sequence);
    /// Wakes waiters after a change of the queue's messages, now or when the next message becomes visible.
    void wake_waiters(const std::string& arn);
    void wake(const std::string& arn);

    Context& context_;
    store::Records<Queue> queue_records_;
    store::Records<Message> message_records_;
    std::map<Account, std::map<std::string, Queue, std::less<>>> queues_;
    std::map<std::string, Wake, std::less<>> wakes_;  ///< by ARN
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// The parts of arn:aws:sqs:<region>:<account>:<name>.
struct Queue_Location {
    Account account;
    std::string name;
};
/// Returns nothing if `arn` is not the ARN of a queue.
std::optional<Queue_Location> parse_queue_arn(std::string_view arn);

/// Returns the MD5 of message attributes, which clients verify.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
std::string md5_of_attributes(const Message_Attributes& attributes);

}  // namespace osbot_aws::services

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
#include "services/sqs/move_tasks.hpp"
#include "services/sqs/queue.hpp"
#include "services/sqs/queue_names.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

struct Send_Message {
    std::string body;
    Message_Attributes attributes;
    std::string trace_header;
    std::optional<std::string> group_id = {};   ///< of a FIFO queue; of a standard queue: a tenant (fair queues)
    std::optional<std::chrono::seconds> delay;  ///< nullopt: the queue's delay
    std::optional<std::string> deduplication_id = {};
    std::string sender_id = {};  ///< empty: the account of the queue
    bool in_batch = false;
};

struct Receive_Message {
    std::size_t max = 1;
    std::optional<std::chrono::seconds> visibility = {};  ///< nullopt: that of the queue
    std::string attempt_id = {};                          ///< ReceiveRequestAttemptId of a FIFO queue; empty: none
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

/// SQS with standard and FIFO queues, including dead-letter queues. Messages and their state are in memory; each change
/// is queued in the store. Loop thread only. No operation blocks: use when_ready() to wait for messages.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
class Sqs final : public State, Message_Mover {
public:
    explicit Sqs(Context& context);

    void load() override;
    void clear() override;

    /// Creates a queue, or returns the existing one with this name.
    /// Errors: InvalidParameterValue for an invalid name; those of new_queue_attributes(); QueueNameExists if the
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
    /// Errors: InvalidParameterValue for invalid or too many tags.
    Result<void> tag(const Queue& queue, const std::map<std::string, std::string>& added);
    void untag(const Queue& queue, const std::vector<std::string>& keys);

    /// Sends a message and returns it as stored. A duplicate of a message of a FIFO queue is not stored: the result has
    /// the id and the number of the first one. Errors: InvalidParameterValue (size, delay, attributes),
    /// InvalidMessageContents, MissingParameter.
    Result<Message> send(const Queue& queue, Send_Message request);
    /// Receives messages and hides them. Messages that were received too often move to the dead-letter queue instead.
    /// Errors: OverLimit if 120,000 messages of a standard queue are in flight.
    Result<std::vector<Received_Message>> receive(const Queue& queue, const Receive_Message& request);
    Result<std::vector<Received_Message>> receive(const Queue& queue, std::size_t max,
                                                  std::optional<std::chrono::seconds> visibility = {}) {
        return receive(queue, Receive_Message{.max = max, .visibility = visibility});
    }
    /// Deletes a message, also if it has been received again. Does nothing if it does not exist.
    /// Errors: ReceiptHandleIsInvalid; InvalidParameterValue if the handle of a FIFO queue has expired.
    Result<void> delete_message(const Queue& queue, std::string_view receipt_handle);
    /// Errors: ReceiptHandleIsInvalid; InvalidParameterValue; MessageNotInflight.
    Result<void> change_visibility(const Queue& queue, std::string_view receipt_handle, std::chrono::seconds timeout);

    /// The tasks that move messages from a dead-letter queue.
    Move_Tasks& move_tasks() { return move_tasks_; }

    /// Calls `ready` once, on the loop, when the queue has a message to receive or is deleted. If it does not exist
    /// yet: when one with this ARN has a message. Callbacks run in the order of registration.
    [[nodiscard]] base::Subscription_Ptr when_ready(const std::string& arn, std::function<void()> ready);

private:
    struct Waiter;
    using Waiters = std::list<Waiter*>;
    struct Wake {
        Waiters waiters;
        base::Subscription_Ptr timer;
        bool posted = false;
        bool is_calling = false;  ///< wake() uses this object
    };

    using Wakes = std::map<std::string, Wake, std::less<>>;
    void erase_unused(Wakes::iterator wake);

    Queue* writable(const Queue& queue);
    Queue* queue_of(std::string_view arn);
    void load_queues(std::map<std::string, Queue*, std::less<>>& by_id);
    void save(const Queue& queue);
    /// Errors: InvalidParameterValue if the dead-letter queue of a redrive policy cannot be used.
    Result<void> check_dead_letter_queue(const std::map<std::string, std::string>& attributes,
                                         const Queue_Settings& settings, const std::string& source_arn) const;

    /// Adds a message to a queue and saves it.
    Queue::Sequence add(Queue& queue, const Message& message);
    void save_message(const Queue& queue, Queue::Sequence sequence);
    void erase_message(const Queue& queue, Queue::Sequence sequence);
    void erase_messages(Queue& queue);
    void expire(Queue& queue);
    void expire_deduplication(Queue& queue);
    /// Sends a message to a FIFO queue, unless it is a duplicate.
    Result<Message> send_in_order(Queue& queue, Message message);
    /// Returns the queue to which a message moves that was received too often; nullptr if it stays.
    Queue* dead_letter_queue_of(const Queue& queue, Queue::Sequence sequence);
    void move_to_dead_letter_queue(Queue& queue, Queue::Sequence sequence, Queue& target);
    std::vector<Queue::Sequence> receivable(Queue& queue, std::size_t max);
    /// Moves a message in one transaction.
    void move(Queue& queue, Queue::Sequence sequence, Queue& target, const Message& message);
    Received_Message receive_one(Queue& queue, Queue::Sequence sequence, std::chrono::seconds visibility);
    std::vector<Received_Message> receive_visible(Queue& queue, const Receive_Message& request);
    /// Returns the messages of an attempt that is repeated; nullopt if they were changed since.
    std::optional<std::vector<Received_Message>> repeat_attempt(Queue& queue, const Receive_Message& request);
    void save_attempt(Queue& queue, Receive_Attempt attempt);
    void expire_attempts(Queue& queue);
    bool has_expired(const Queue& queue, const Queue::Handle& handle) const;

    // Message_Mover
    bool exists(std::string_view queue_arn) const override { return find_arn(queue_arn).has_value(); }
    std::size_t movable(std::string_view source_arn) override;
    std::uint64_t next_sequence(std::string_view source_arn) override;
    Result<bool> move_next(std::string_view source_arn, std::string_view destination_arn, std::uint64_t end) override;

    /// Wakes waiters after a change of the queue's messages, now or when the next message becomes visible.
    void wake_waiters(const std::string& arn);
    void wake(std::string arn);

    Context& context_;
    store::Records<Queue> queue_records_;
    store::Records<Message> message_records_;
    store::Records<Deduplication::Entry> deduplication_records_;
    store::Records<Receive_Attempt> attempt_records_;
    std::map<Account, std::map<std::string, Queue, std::less<>>> queues_;
    Wakes wakes_;  ///< by ARN, of queues with waiters
    std::shared_ptr<int> alive_ = std::make_shared<int>();
    Move_Tasks move_tasks_;
};

}  // namespace osbot_aws::services

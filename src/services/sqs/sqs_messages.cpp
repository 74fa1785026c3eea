// The messages of SQS: sending, receiving, deleting, and moving between queues.
#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "services/sqs/message_record.hpp"
#include "services/sqs/message_rules.hpp"
#include "services/sqs/sqs.hpp"
#include "services/sqs/sqs_errors.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::chrono::seconds visibility_max{43'200};
constexpr int dead_letters_at_once_max = 100;  // moved by a receive, before other requests are handled
constexpr base::Time made_visible{};           // of a message whose visibility timeout a client ended

std::string message_key(const Queue& queue, Queue::Sequence sequence) {
    return fmt::format("{}/{:020}", queue.id, sequence);
}

std::string attempt_key(const Queue& queue, std::string_view attempt_id) {
    return fmt::format("{}/{}", queue.id, attempt_id);
}

Deduplication::Key deduplication_key(const Queue& queue, const Message& message, base::Time now) {
    const std::string id =
        message.deduplication_id.empty() ? content_deduplication_id(message.body) : message.deduplication_id;
    return Deduplication::key_of(queue.deduplicates_by_group(now) ? message.group_id : "", id);
}

Message new_message(const Queue& queue, Send_Message&& request, base::Time now) {
    // A FIFO queue accepts a delay of 0 and uses its own: localstack, test_sqs.snapshot.json,
    // test_fifo_queue_send_message_with_zero_delay_defaults_to_queue_delay
    const auto delay = queue.settings.fifo ? queue.settings.delay : request.delay.value_or(queue.settings.delay);
    return {.id = base::uuid4(),
            .body = std::move(request.body),
            .attributes = std::move(request.attributes),
            .trace_header = std::move(request.trace_header),
            .group_id = std::move(request.group_id).value_or(""),
            .deduplication_id = std::move(request.deduplication_id).value_or(""),
            .sequence_number = {},
            .sender_id = request.sender_id.empty() ? queue.account.id : std::move(request.sender_id),
            .dead_letter_source = {},
            .sent_at = now,
            .visible_at = now + delay};
}

/// The limit begins with the receive. Source:
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
std::optional<Error> check_total_visibility(const Queue::Handle& handle, std::chrono::seconds timeout, base::Time now) {
    if (handle.received_at == base::Time{} || timeout.count() == 0) return std::nullopt;
    const auto elapsed = std::chrono::floor<std::chrono::seconds>(now - handle.received_at);
    if (elapsed + timeout <= visibility_max) return std::nullopt;
    return invalid_parameter("VisibilityTimeout", std::to_string(timeout.count()),
                             fmt::format("Total VisibilityTimeout for the message is beyond the limit [{} seconds]",
                                         visibility_max.count()));
}

}  // namespace

// ---- records --------------------------------------------------------------------------------------------------------

Queue::Sequence Sqs::add(Queue& queue, const Message& message) {
    if (queue.reserve_sequences()) save(queue);
    const Queue::Sequence sequence = queue.add(message, context_.now());
    message_records_.put(message_key(queue, sequence), message);
    return sequence;
}

void Sqs::save_message(const Queue& queue, Queue::Sequence sequence) {
    message_records_.put(message_key(queue, sequence), queue.at(sequence));
}

void Sqs::erase_message(const Queue& queue, Queue::Sequence sequence) {
    message_records_.erase(message_key(queue, sequence));
}

/// Erases all messages, and what a FIFO queue knows of earlier ones.
/// Source: localstack, tests/aws/services/sqs/test_sqs.py, test_purge_queue_clears_fifo_deduplication_cache
void Sqs::erase_messages(Queue& queue) {
    for (const Queue::Sequence sequence : queue.sequences()) erase_message(queue, sequence);
    for (const auto& entry : queue.deduplication.entries())
        deduplication_records_.erase(message_key(queue, entry.sequence));
    for (const std::string& id : queue.attempts.clear()) attempt_records_.erase(attempt_key(queue, id));
    queue.deduplication.clear();
    queue.clear();
}

void Sqs::expire(Queue& queue) {
    for (const Queue::Sequence expired : queue.expire(context_.now())) erase_message(queue, expired);
    expire_deduplication(queue);
    expire_attempts(queue);
}

void Sqs::expire_deduplication(Queue& queue) {
    for (const Queue::Sequence sequence : queue.deduplication.expire(context_.now()))
        deduplication_records_.erase(message_key(queue, sequence));
}

void Sqs::expire_attempts(Queue& queue) {
    for (const std::string& id : queue.attempts.expire(context_.now())) attempt_records_.erase(attempt_key(queue, id));
}

// ---- sending --------------------------------------------------------------------------------------------------------

Result<Message> Sqs::send(const Queue& target, Send_Message request) {
    if (auto error = check_message(target, request)) return *error;
    Queue& queue = *writable(target);
    Message message = new_message(queue, std::move(request), context_.now());
    if (queue.settings.fifo) return send_in_order(queue, std::move(message));
    add(queue, message);
    wake_waiters(queue.arn);
    return message;
}

Result<Message> Sqs::send_in_order(Queue& queue, Message message) {
    expire_deduplication(queue);
    const auto key = deduplication_key(queue, message, context_.now());
    if (const Deduplication::Entry* first = queue.deduplication.find(key)) {
        message.id = first->id.text();
        message.sequence_number = queue.number_of(first->sequence);
        return message;
    }
    const Queue::Sequence sequence = add(queue, message);
    const Deduplication::Entry entry{key, Message_Id(message.id), sequence, message.sent_at};
    queue.deduplication.add(entry);
    deduplication_records_.put(message_key(queue, sequence), entry);
    message.sequence_number = queue.number_of(sequence);
    wake_waiters(queue.arn);
    return message;
}

// ---- moving ---------------------------------------------------------------------------------------------------------

void Sqs::move(Queue& queue, Queue::Sequence sequence, Queue& target, const Message& message) {
    queue.take(sequence);
    add(target, message);
    erase_message(queue, sequence);  // in the transaction of the put, see Store_Owner::loop
    wake_waiters(target.arn);
}

/// As on AWS, a message stays in its queue until the dead-letter queue exists.
Queue* Sqs::dead_letter_queue_of(const Queue& queue, Queue::Sequence sequence) {
    if (queue.settings.dead_letter_arn.empty() || queue.receives_of(sequence) < queue.settings.receives_max)
        return nullptr;
    return queue_of(queue.settings.dead_letter_arn);
}

void Sqs::move_to_dead_letter_queue(Queue& queue, Queue::Sequence sequence, Queue& target) {
    Message message = queue.at(sequence);
    message.dead_letter_source = queue.arn;
    message.receives_in_queue = 0;
    message.visible_at = context_.now();
    // In a FIFO queue the retention period begins again. Source:
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    if (queue.settings.fifo) message.sent_at = context_.now();
    move(queue, sequence, target, message);
}

std::uint64_t Sqs::next_sequence(std::string_view source_arn) {
    const Queue* queue = queue_of(source_arn);
    return queue == nullptr ? 0 : queue->next_sequence();
}

std::size_t Sqs::movable(std::string_view source_arn) {
    Queue* queue = queue_of(source_arn);
    return queue == nullptr ? 0 : queue->counts(context_.now()).visible;
}

/// A moved message is new: it has another id and its retention period begins again. Source:
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
Result<bool> Sqs::move_next(std::string_view source_arn, std::string_view destination_arn, std::uint64_t end) {
    Queue* queue = queue_of(source_arn);
    if (queue == nullptr) return false;
    expire(*queue);
    const auto found = queue->first_visible(end, context_.now());
    if (!found) return false;
    Message message = queue->at(*found);
    const std::string target_arn(destination_arn.empty() ? message.dead_letter_source : destination_arn);
    if (target_arn.empty()) return Error{"CouldNotDetermineMessageSource", "the message was sent to this queue"};
    Queue* target = queue_of(target_arn);
    if (target == nullptr) return Error{"AWS.SimpleQueueService.NonExistentQueue", "the destination does not exist"};
    message.id = base::uuid4();
    message.dead_letter_source.clear();
    message.receive_count = message.receives_in_queue = 0;
    message.first_received_at = {};
    message.sent_at = message.visible_at = context_.now();
    move(*queue, *found, *target, message);
    return true;
}

// ---- receiving ------------------------------------------------------------------------------------------------------

Received_Message Sqs::receive_one(Queue& queue, Queue::Sequence sequence, std::chrono::seconds visibility) {
    const base::Time now = context_.now();
    queue.receive(sequence, now, now + visibility);
    Received_Message received{queue.at(sequence), queue.handle_of(sequence, now)};
    message_records_.put(message_key(queue, sequence), received.message);
    return received;
}

Result<std::vector<Received_Message>> Sqs::receive(const Queue& target, const Receive_Message& request) {
    Queue& queue = *writable(target);
    expire(queue);
    if (!request.attempt_id.empty())
        if (auto repeated = repeat_attempt(queue, request)) return std::move(*repeated);
    if (queue.counts(context_.now()).in_flight >= Queue::in_flight_max) {
        if (queue.settings.fifo) return std::vector<Received_Message>();  // AWS returns no error, either
        return Error{"OverLimit", "The maximum number of in flight messages is reached.", 403};
    }
    return receive_visible(queue, request);
}

/// Returns the messages to receive, after those that were received too often have moved.
std::vector<Queue::Sequence> Sqs::receivable(Queue& queue, std::size_t max) {
    const auto is_due = [&](Queue::Sequence each) { return dead_letter_queue_of(queue, each) != nullptr; };
    for (int moved = 0;; ++moved) {
        auto found = queue.receivable(max, context_.now());
        const auto due = std::ranges::find_if(found, is_due);
        if (due == found.end()) return found;
        if (moved == dead_letters_at_once_max) {
            std::erase_if(found, is_due);  // the next receive moves them
            return found;
        }
        move_to_dead_letter_queue(queue, *due, *dead_letter_queue_of(queue, *due));
    }
}

std::vector<Received_Message> Sqs::receive_visible(Queue& queue, const Receive_Message& request) {
    const auto found = receivable(queue, request.max);
    std::vector<Received_Message> received;
    Receive_Attempt attempt{.id = request.attempt_id, .received_at = context_.now(), .messages = {}};
    for (const Queue::Sequence sequence : found) {
        received.push_back(receive_one(queue, sequence, request.visibility.value_or(queue.settings.visibility)));
        attempt.messages.push_back({sequence, received.back().message.visible_at});
    }
    if (!attempt.id.empty() && !found.empty()) save_attempt(queue, std::move(attempt));
    wake_waiters(queue.arn);
    return received;
}

void Sqs::save_attempt(Queue& queue, Receive_Attempt attempt) {
    const Receive_Attempt& stored = queue.attempts.put(std::move(attempt));
    attempt_records_.put(attempt_key(queue, stored.id), stored);
    expire_attempts(queue);
}

std::optional<std::vector<Received_Message>> Sqs::repeat_attempt(Queue& queue, const Receive_Message& request) {
    const base::Time now = context_.now();
    const Receive_Attempt* last = queue.attempts.find(request.attempt_id);
    const auto is_unchanged = [&](const Receive_Attempt::Received& each) {
        return each.visible_at > now && queue.contains(each.sequence) &&
               queue.visible_at(each.sequence) == each.visible_at;
    };
    if (last == nullptr || !std::ranges::all_of(last->messages, is_unchanged)) return std::nullopt;
    Receive_Attempt attempt = *last;
    std::vector<Received_Message> received;
    for (Receive_Attempt::Received& each : attempt.messages) {
        each.visible_at = now + request.visibility.value_or(queue.settings.visibility);
        queue.hide(each.sequence, each.visible_at, now);
        save_message(queue, each.sequence);
        received.push_back({queue.at(each.sequence), queue.handle_of(each.sequence, attempt.received_at)});
    }
    save_attempt(queue, std::move(attempt));
    return received;
}

// ---- handles --------------------------------------------------------------------------------------------------------

/// Returns true if a handle of a FIFO queue is no longer valid.
/// Source: localstack, test_sqs.snapshot.json, test_fifo_delete_after_visibility_timeout
bool Sqs::has_expired(const Queue& queue, const Queue::Handle& handle) const {
    return queue.settings.fifo && handle.exists &&
           (!handle.is_latest || queue.visible_at(handle.sequence) <= context_.now());
}

/// A message of a standard queue can be deleted with each of its handles. AWS documents that an earlier one may have no
/// effect. Source: moto, tests/test_sqs/test_sqs.py, test_delete_message_using_old_receipt_handle
Result<void> Sqs::delete_message(const Queue& target, std::string_view receipt_handle) {
    Queue& queue = *writable(target);
    const auto handle = queue.parse_handle(receipt_handle);
    if (!handle) return invalid_handle(receipt_handle);
    if (has_expired(queue, *handle))
        return invalid_parameter("ReceiptHandle", receipt_handle, "The receipt handle has expired.");
    if (!handle->exists) return {};
    queue.take(handle->sequence);
    erase_message(queue, handle->sequence);
    if (queue.settings.fifo) wake_waiters(queue.arn);  // the rest of the group may be received
    return {};
}

/// A message of a standard queue can be hidden again with each of its handles, also after its timeout.
/// Source: localstack, tests/aws/services/sqs/test_sqs.py, test_extend_message_visibility_timeout_set_in_queue,
/// test_terminate_visibility_timeout_after_receive
Result<void> Sqs::change_visibility(const Queue& target, std::string_view receipt_handle,
                                    std::chrono::seconds timeout) {
    if (timeout.count() < 0 || timeout > visibility_max)
        return invalid_parameter(
            "VisibilityTimeout", std::to_string(timeout.count()),
            fmt::format("VisibilityTimeout must be an integer between 0 and {}.", visibility_max.count()));
    Queue& queue = *writable(target);
    const auto handle = queue.parse_handle(receipt_handle);
    if (!handle) return invalid_handle(receipt_handle);
    if (!handle->exists || has_expired(queue, *handle))
        return invalid_parameter("ReceiptHandle", receipt_handle,
                                 "Message does not exist or is not available for visibility timeout change.");
    if (queue.visible_at(handle->sequence) == made_visible)
        return Error{"MessageNotInflight", "The message referred to isn't in flight."};
    const base::Time now = context_.now();
    if (auto error = check_total_visibility(*handle, timeout, now)) return *error;
    queue.hide(handle->sequence, timeout.count() == 0 ? made_visible : now + timeout, now);
    save_message(queue, handle->sequence);
    wake_waiters(queue.arn);
    return {};
}

}  // namespace osbot_aws::services

#include "services/sqs/queue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

constexpr Queue::Sequence reservation = 1'000;  // one write of the queue's record per this many messages

}  // namespace

std::size_t message_bytes(std::string_view body, const Message_Attributes& attributes) {
    std::size_t sum = body.size();
    for (const auto& [name, attribute] : attributes)
        sum += name.size() + attribute.data_type.size() + attribute.value.size();
    return sum;
}

std::size_t Message::bytes() const { return message_bytes(body, attributes); }

std::map<std::string, std::string> Message::system_attributes() const {
    std::map<std::string, std::string> all{
        {"SenderId", sender_id},
        {"SentTimestamp", std::to_string(base::unix_ms(sent_at))},
        {"ApproximateReceiveCount", std::to_string(receive_count)},
        {"ApproximateFirstReceiveTimestamp", std::to_string(base::unix_ms(first_received_at))}};
    if (!trace_header.empty()) all["AWSTraceHeader"] = trace_header;
    if (!group_id.empty()) all["MessageGroupId"] = group_id;
    if (!dead_letter_source.empty()) all["DeadLetterQueueSourceArn"] = dead_letter_source;
    return all;
}

void Queue::insert_by_visibility(Sequence sequence, const Message& message, base::Time now) {
    if (message.visible_at <= now)
        ready_.insert(sequence);
    else
        hidden_.emplace(message.visible_at, sequence);
}

void Queue::erase_by_visibility(Sequence sequence, const Message& message) {
    ready_.erase(sequence);
    hidden_.erase({message.visible_at, sequence});
}

void Queue::update_ready(base::Time now) {
    while (!hidden_.empty() && hidden_.begin()->first <= now) {
        ready_.insert(hidden_.begin()->second);
        hidden_.erase(hidden_.begin());
    }
}

bool Queue::reserve_sequences() {
    if (next_ <= reserved_) return false;
    reserved_ = next_ + reservation - 1;
    return true;
}

void Queue::restore_reserved(Sequence reserved) {
    reserved_ = reserved;
    next_ = reserved + 1;
}

Queue::Sequence Queue::add(Message message, base::Time now) {
    const Sequence sequence = next_;
    restore(sequence, std::move(message), now);
    return sequence;
}

void Queue::restore(Sequence sequence, Message message, base::Time now) {
    const auto [position, added] = messages_.emplace(sequence, std::move(message));
    insert_by_visibility(sequence, position->second, now);
    next_ = std::max(next_, sequence + 1);
}

std::vector<Queue::Sequence> Queue::receivable(std::size_t max, base::Time now) {
    update_ready(now);
    std::vector<Sequence> found;
    for (auto at = ready_.begin(); at != ready_.end() && found.size() < max; ++at) found.push_back(*at);
    return found;
}

const Message& Queue::receive(Sequence sequence, base::Time now, base::Time hidden_until) {
    Message& message = messages_.at(sequence);
    if (message.receive_count == 0) message.first_received_at = now;
    ++message.receive_count;
    ++message.receives_in_queue;
    hide(sequence, hidden_until, now);
    return message;
}

void Queue::hide(Sequence sequence, base::Time until, base::Time now) {
    Message& message = messages_.at(sequence);
    erase_by_visibility(sequence, message);
    message.visible_at = until;
    insert_by_visibility(sequence, message, now);
}

Message Queue::take(Sequence sequence) {
    const auto found = messages_.find(sequence);
    erase_by_visibility(sequence, found->second);
    Message message = std::move(found->second);
    messages_.erase(found);
    return message;
}

void Queue::clear() {
    messages_.clear();
    ready_.clear();
    hidden_.clear();
}

std::vector<Queue::Sequence> Queue::expire(base::Time now) {
    // Messages are in order of arrival, which is also the order of age, except for messages moved from another queue:
    // they keep their age and expire when they are the first in this queue.
    std::vector<Sequence> expired;
    while (!messages_.empty() && messages_.begin()->second.sent_at + settings.retention <= now) {
        expired.push_back(messages_.begin()->first);
        take(expired.back());
    }
    return expired;
}

std::optional<base::Time> Queue::next_visible() const {
    return hidden_.empty() ? std::nullopt : std::optional(hidden_.begin()->first);
}

bool Queue::ready(base::Time now) {
    update_ready(now);
    return !ready_.empty();
}

Queue::Counts Queue::counts(base::Time now) {
    update_ready(now);
    Counts counts{.visible = ready_.size()};
    for (const auto& [time, sequence] : hidden_)
        ++(at(sequence).receives_in_queue > 0 ? counts.in_flight : counts.delayed);
    return counts;
}

// A handle is opaque to clients. It contains the queue's id, the message and the number of the receive.
std::string Queue::handle_of(Sequence sequence) const {
    return base::base64_encode(fmt::format("{} {} {}", id, sequence, at(sequence).receives_in_queue));
}

std::optional<Queue::Handle> Queue::parse_handle(std::string_view text) const {
    const auto decoded = base::base64_decode(text);
    if (!decoded || !decoded->starts_with(id + " ")) return std::nullopt;
    const std::string_view rest = std::string_view(*decoded).substr(id.size() + 1);
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto sequence = base::parse_number<Sequence>(rest.substr(0, space));
    const auto receive = base::parse_number<int>(rest.substr(space + 1));
    if (!sequence || !receive) return std::nullopt;
    const auto found = messages_.find(*sequence);
    return Handle{*sequence, found != messages_.end() && found->second.receives_in_queue == *receive};
}

}  // namespace osbot_aws::services

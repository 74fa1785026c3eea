#include "services/sqs/queue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

constexpr Queue::Sequence reservation = 1'000;               // one write of the queue's record per this many messages
constexpr std::int64_t received_ms_max = 9'000'000'000'000;  // of a handle: in the year 2255, so that it fits
constexpr Queue::Sequence first_number = 10'000'000'000'000'000'000U;  // the smallest of 20 digits

// A tenant is noisy with at least this many messages in flight, if they are more than a tenth of all in flight. AWS
// also measures the time of processing, which the engine does not. Source:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
constexpr std::size_t noisy_in_flight_min = 30, noisy_share = 10;

// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
constexpr std::chrono::seconds attribute_propagation{60};

}  // namespace

bool Queue::deduplicates_by_group(base::Time now) const {
    const bool is_effective = now >= scope_changed_at + attribute_propagation;
    return is_effective == settings.deduplicates_by_group;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

bool Queue::reserve_sequences() {
    if (next_ <= reserved_) return false;
    reserved_ = next_ + reservation - 1;
    return true;
}

void Queue::restore_reserved(Sequence reserved) {
    reserved_ = reserved;
    next_ = reserved + 1;
}

std::string Queue::number_of(Sequence sequence) const {
    return settings.fifo ? std::to_string(first_number + sequence) : std::string();
}

// A handle is opaque to clients. It contains the queue's id, the message, the number of the receive and its time.
std::string Queue::handle_of(Sequence sequence, base::Time received_at) const {
    return base::base64_encode(
        fmt::format("{} {} {} {}", id, sequence, receives_of(sequence), base::unix_ms(received_at)));
}

std::optional<Queue::Handle> Queue::parse_handle(std::string_view text) const {
    const auto decoded = base::base64_decode(text);
    if (!decoded || !decoded->starts_with(id + " ")) return std::nullopt;
    std::string_view rest = std::string_view(*decoded).substr(id.size() + 1);
    const auto sequence = base::parse_number<Sequence>(base::take_until(rest, ' '));
    const auto receive = base::parse_number<int>(base::take_until(rest, ' '));
    const auto received_ms = base::parse_number<std::int64_t>(rest.empty() ? "0" : rest);
    if (!sequence || !receive || !received_ms || *received_ms < 0 || *received_ms > received_ms_max)
        return std::nullopt;
    const bool exists = contains(*sequence);
    return Handle{*sequence, exists, exists && receives_of(*sequence) == *receive, base::from_unix_ms(*received_ms)};
}

// ---- messages -------------------------------------------------------------------------------------------------------

Queue::Stored Queue::stored_of(const Message& message) {
    Stored stored{.id = Message_Id(message.id),
                  .text = {},
                  .extras = {},
                  .sent_at = message.sent_at,
                  .visible_at = message.visible_at,
                  .first_received_at = message.first_received_at,
                  .receive_count = message.receive_count,
                  .receives_in_queue = message.receives_in_queue,
                  .body_bytes = static_cast<std::uint32_t>(message.body.size()),
                  .deduplication_id_bytes = static_cast<std::uint16_t>(message.deduplication_id.size())};
    stored.text = std::make_unique_for_overwrite<char[]>(message.body.size() + message.deduplication_id.size());
    std::ranges::copy(message.deduplication_id, std::ranges::copy(message.body, stored.text.get()).out);
    const bool has_sender = message.sender_id != account.id;
    if (has_sender || !message.attributes.empty() || !message.trace_header.empty())
        stored.extras = std::make_unique<const Extras>(
            Extras{message.attributes, message.trace_header, has_sender ? message.sender_id : std::string()});
    if (!message.dead_letter_source.empty())
        stored.dead_letter_source = &*sources_.insert(message.dead_letter_source).first;
    return stored;
}

Message Queue::message_of(Sequence sequence, const Stored& stored) const {
    Message message{
        .id = stored.id.text(),
        .body = std::string(stored.text.get(), stored.body_bytes),
        .attributes = {},
        .trace_header = {},
        .group_id = std::string(stored.group->id),
        .deduplication_id = std::string(stored.text.get() + stored.body_bytes, stored.deduplication_id_bytes),
        .sequence_number = number_of(sequence),
        .sender_id = account.id,
        .dead_letter_source = stored.dead_letter_source == nullptr ? "" : *stored.dead_letter_source,
        .sent_at = stored.sent_at,
        .visible_at = stored.visible_at,
        .first_received_at = stored.first_received_at,
        .receive_count = stored.receive_count,
        .receives_in_queue = stored.receives_in_queue};
    if (!stored.extras) return message;
    message.attributes = stored.extras->attributes;
    message.trace_header = stored.extras->trace_header;
    if (!stored.extras->sender_id.empty()) message.sender_id = stored.extras->sender_id;
    return message;
}

Queue::Sequence Queue::add(const Message& message, base::Time now) {
    const Sequence sequence = next_;
    restore(sequence, message, now);
    return sequence;
}

void Queue::restore(Sequence sequence, const Message& message, base::Time now) {
    Node& node = *messages_.emplace(sequence, stored_of(message)).first;
    Group& group = group_of(message.group_id);
    node.second.group = &group;
    append(group, node);
    insert_by_visibility(node, now);
    next_ = std::max(next_, sequence + 1);
}

std::vector<Queue::Sequence> Queue::sequences() const {
    std::vector<Sequence> all;
    all.reserve(messages_.size());
    for (const auto& [sequence, stored] : messages_) all.push_back(sequence);
    return all;
}

void Queue::receive(Sequence sequence, base::Time now, base::Time hidden_until) {
    Node& node = *messages_.find(sequence);
    erase_by_visibility(node);
    Stored& message = node.second;
    if (message.receive_count == 0) message.first_received_at = now;
    ++message.receive_count;
    ++message.receives_in_queue;
    message.visible_at = hidden_until;
    message.group->turn = ++turns_;
    insert_by_visibility(node, now);
}

void Queue::hide(Sequence sequence, base::Time until, base::Time now) {
    Node& node = *messages_.find(sequence);
    erase_by_visibility(node);
    node.second.visible_at = until;
    insert_by_visibility(node, now);
}

Message Queue::take(Sequence sequence) {
    Node& node = *messages_.find(sequence);
    Group& group = *node.second.group;
    Message message = message_of(sequence, node.second);
    erase_by_visibility(node);
    unlink(group, node);
    messages_.erase(sequence);
    update_rank(group);
    if (group.messages == 0) groups_.erase(groups_.find(group.id));
    return message;
}

void Queue::clear() {
    ranks_.clear();
    busy_.clear();
    hidden_.clear();
    messages_.clear();
    groups_.clear();
    sources_.clear();
    in_flight_ = 0;
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

// ---- groups ---------------------------------------------------------------------------------------------------------

Queue::Group& Queue::group_of(const std::string& group_id) {
    const auto [group, added] = groups_.try_emplace(group_id);
    if (!added) return group->second;
    group->second.id = group->first;
    group->second.turn = ++turns_;
    return group->second;
}

void Queue::append(Group& group, Node& node) {
    ++group.messages;
    if (!settings.fifo) return;
    (group.last == nullptr ? group.first : group.last->second.next) = &node;
    group.last = &node;
}

/// Only messages that were received are deleted, and they are at the front of their group, so the loop is short.
void Queue::unlink(Group& group, Node& node) {
    --group.messages;
    if (!settings.fifo) return;
    Node* before = nullptr;
    for (Node* each = group.first; each != &node; each = each->second.next) before = each;
    (before == nullptr ? group.first : before->second.next) = node.second.next;
    if (group.last == &node) group.last = before;
}

void Queue::insert_by_visibility(Node& node, base::Time now) {
    Stored& message = node.second;
    message.hidden = message.visible_at > now;
    if (message.hidden) {
        hidden_.emplace(message.visible_at, node.first);
        if (message.receives_in_queue > 0) ++in_flight_, ++message.group->in_flight;
    } else if (!settings.fifo) {
        message.group->visible.insert(node.first);
    }
    update_rank(*message.group);
}

/// The caller inserts the message again, or updates the rank of its group.
void Queue::erase_by_visibility(Node& node) {
    const Stored& message = node.second;
    if (message.hidden) {
        hidden_.erase({message.visible_at, node.first});
        if (message.receives_in_queue > 0) --in_flight_, --message.group->in_flight;
    } else if (!settings.fifo) {
        message.group->visible.erase(node.first);
    }
}

void Queue::update_visible(base::Time now) {
    while (!hidden_.empty() && hidden_.begin()->first <= now) {
        Node& node = *messages_.find(hidden_.begin()->second);
        erase_by_visibility(node);
        insert_by_visibility(node, now);
    }
}

std::optional<Queue::Rank> Queue::rank_of(const Group& group) const {
    if (settings.fifo)
        return group.first == nullptr || group.first->second.hidden ? std::nullopt : std::optional(Rank{group.turn, 0});
    if (group.visible.empty()) return std::nullopt;
    const bool is_noisy = is_busy(group) && group.in_flight * noisy_share > in_flight_;
    return Rank{is_noisy ? group.in_flight : 0, *group.visible.begin()};
}

bool Queue::is_busy(const Group& group) const {
    return !settings.fifo && !group.id.empty() && group.in_flight >= noisy_in_flight_min;
}

void Queue::update_rank(Group& group) {
    if (is_busy(group))
        busy_.insert(&group);
    else if (!busy_.empty())
        busy_.erase(&group);
    const std::optional<Rank> rank = rank_of(group);
    if (rank == group.rank) return;
    auto place = group.rank ? ranks_.extract(*group.rank) : decltype(ranks_)::node_type();
    if (rank && place) {
        place.key() = *rank;
        ranks_.insert(std::move(place));
    } else if (rank) {
        ranks_.emplace(*rank, &group);
    }
    group.rank = rank;
}

// ---- receiving ------------------------------------------------------------------------------------------------------

std::vector<Queue::Sequence> Queue::receivable(std::size_t max, base::Time now) {
    update_visible(now);
    return settings.fifo ? receivable_in_groups(max) : receivable_of_tenants(max);
}

std::vector<Queue::Sequence> Queue::receivable_in_groups(std::size_t max) const {
    std::vector<Sequence> found;
    for (const auto& [rank, group] : ranks_)
        for (const Node* node = group->first; node != nullptr && !node->second.hidden; node = node->second.next) {
            if (found.size() == max) return found;
            found.push_back(node->first);
        }
    return found;
}

/// Merges the visible messages of the tenants: quiet tenants in the order of arrival, then noisy ones.
std::vector<Queue::Sequence> Queue::receivable_of_tenants(std::size_t max) {
    for (Group* group : busy_) update_rank(*group);  // it also depends on the messages in flight of the others
    struct Tenant {
        std::uint64_t noise;
        std::set<Sequence>::const_iterator next, end;
    };
    std::vector<Tenant> tenants;  // each receive takes the first one, so those after the first `max` are not needed
    for (auto at = ranks_.begin(); at != ranks_.end() && tenants.size() < max; ++at)
        tenants.push_back({at->first.first, at->second->visible.begin(), at->second->visible.end()});
    std::vector<Sequence> found;
    while (found.size() < max && !tenants.empty()) {
        const auto first =
            std::ranges::min_element(tenants, {}, [](const Tenant& each) { return std::pair(each.noise, *each.next); });
        found.push_back(*first->next);
        if (++first->next == first->end) tenants.erase(first);
    }
    std::ranges::sort(found);
    return found;
}

std::optional<Queue::Sequence> Queue::first_visible(Sequence end, base::Time now) {
    update_visible(now);
    for (const auto& [rank, group] : ranks_)
        if (const Sequence first = settings.fifo ? group->first->first : *group->visible.begin(); first < end)
            return first;
    return std::nullopt;
}

std::optional<base::Time> Queue::next_visible() const {
    return hidden_.empty() ? std::nullopt : std::optional(hidden_.begin()->first);
}

bool Queue::ready(base::Time now) {
    update_visible(now);
    return !ranks_.empty() && (!settings.fifo || in_flight_ < in_flight_max);
}

Queue::Counts Queue::counts(base::Time now) {
    update_visible(now);
    return {
        .visible = messages_.size() - hidden_.size(), .in_flight = in_flight_, .delayed = hidden_.size() - in_flight_};
}

}  // namespace osbot_aws::services

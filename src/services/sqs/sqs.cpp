#include "services/sqs/sqs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "services/sqs/message_record.hpp"
#include "services/sqs/message_rules.hpp"
#include "services/sqs/queue_attributes.hpp"
#include "services/sqs/sqs_errors.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Queue>& queue) {
    f(queue.account)("name", queue.name)("id", queue.id)("attributes", queue.attributes)("tags", queue.tags);
    f("created_ms", queue.created_at)("modified_ms", queue.modified_at);
    f.optional("scope_changed_ms", queue.scope_changed_at).optional("purged_ms", queue.purged_at);
    Queue::Sequence reserved = queue.reserved();
    f.optional("sequences_reserved", reserved);
    if constexpr (!Fields::writes) queue.restore_reserved(reserved);
}

namespace {

constexpr std::chrono::seconds purge_interval{60};

std::string queue_key(const Queue& queue) {
    return fmt::format("{}/{}/{}", queue.account.id, queue.account.region, queue.name);
}

/// The id of a queue and the rest, of the key of a record.
std::pair<std::string_view, std::string_view> parts_of_key(std::string_view key) {
    const std::size_t slash = std::min(key.find('/'), key.size() - 1);
    return {key.substr(0, slash), key.substr(slash + 1)};
}

Queue::Sequence sequence_of_key(std::string_view key) {
    const auto sequence = base::parse_number<Queue::Sequence>(parts_of_key(key).second);
    if (!sequence) throw Aws_Exception(Error{"InvalidRecord", "the key has no sequence number"});
    return *sequence;
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
constexpr std::size_t queue_tags_max = 50, tag_key_length_max = 128, tag_value_length_max = 256;

std::size_t characters_of(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Checks the tags of a request, and the number that the queue will have. The messages are those of moto.
Result<void> check_queue_tags(const std::string& queue, const std::map<std::string, std::string>& added,
                              std::size_t count) {
    if (count > queue_tags_max) return invalid_value(fmt::format("Too many tags added for queue {}.", queue));
    for (const auto& [key, value] : added) {
        if (key.empty() || characters_of(key) > tag_key_length_max || !is_content(key)) return invalid_tag_key();
        if (!is_content(value)) return invalid_value(fmt::format("The value of the tag {} is invalid.", key));
        if (characters_of(value) > tag_value_length_max)
            return invalid_value("Tag values must be between 0 and 256 characters in length.");
    }
    return {};
}

/// Returns the existing queue if a request to create it has no other attributes.
Result<const Queue*> same_queue(const Queue& existing, const Queue_Attributes& requested) {
    OSBOT_TRY(const auto normalized, normalized_attributes(requested, existing.settings.fifo));
    for (const auto& [name, value] : normalized) {
        const auto current = existing.attributes.find(name);
        if (value == (current == existing.attributes.end() ? "" : current->second)) continue;
        return Error{
            "QueueNameExists",
            fmt::format("A queue already exists with the same name and a different value for attribute {}", name)};
    }
    return &existing;
}

}  // namespace

// ---- waiting --------------------------------------------------------------------------------------------------------

struct Sqs::Waiter final : base::Subscription {
    Waiter(Sqs& sqs, std::string arn, std::function<void()> ready)
        : sqs_(sqs), alive_(sqs.alive_), arn_(std::move(arn)), ready_(std::move(ready)) {
        Waiters& waiters = sqs_.wakes_[arn_].waiters;
        place_ = waiters.insert(waiters.end(), this);
    }
    ~Waiter() override { leave(); }

    /// Stops waiting and returns the callback. Calling it may destroy this object.
    std::function<void()> leave() {
        if (ready_ && !alive_.expired()) {
            const auto wake = sqs_.wakes_.find(arn_);
            wake->second.waiters.erase(place_);
            sqs_.erase_unused(wake);
        }
        return std::exchange(ready_, nullptr);
    }

private:
    Sqs& sqs_;
    std::weak_ptr<int> alive_;
    std::string arn_;
    std::function<void()> ready_;
    Waiters::iterator place_;
};

base::Subscription_Ptr Sqs::when_ready(const std::string& arn, std::function<void()> ready) {
    auto waiter = std::make_unique<Waiter>(*this, arn, std::move(ready));
    if (find_arn(arn))
        wake_waiters(arn);  // else the waiter, called for a missing queue, would register again, and so on
    return waiter;
}

void Sqs::wake_waiters(const std::string& arn) {
    const auto found = wakes_.find(arn);
    if (found == wakes_.end() || found->second.waiters.empty() || found->second.posted) return;
    found->second.posted = true;
    context_.loop.post([this, arn, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) wake(arn);
    });
}

void Sqs::wake(std::string arn) {
    const auto found = wakes_.find(arn);
    if (found == wakes_.end()) return;
    Wake& wake = found->second;
    wake.posted = false;
    wake.is_calling = true;
    wake.timer.reset();
    // Calls each current waiter once. A waiter that registers again waits for the next wake-up.
    for (std::size_t calls = wake.waiters.size(); calls > 0 && !wake.waiters.empty(); --calls) {
        Queue* queue = queue_of(arn);
        if (queue != nullptr && !queue->ready(context_.now())) break;
        wake.waiters.front()->leave()();
    }
    wake.is_calling = false;
    Queue* queue = queue_of(arn);
    if (queue == nullptr || wake.waiters.empty()) return erase_unused(found);
    if (const auto next = queue->next_visible())
        wake.timer = context_.loop.after(*next - context_.now(), [this, arn] { this->wake(arn); });
}

void Sqs::erase_unused(Wakes::iterator wake) {
    if (wake->second.waiters.empty() && !wake->second.posted && !wake->second.is_calling) wakes_.erase(wake);
}

// ---- state ----------------------------------------------------------------------------------------------------------

Sqs::Sqs(Context& context)
    : context_(context),
      queue_records_(context.store, {.name = "sqs.queue"}),
      message_records_(context.store, {.name = "sqs.message"}),
      deduplication_records_(context.store, {.name = "sqs.deduplication"}),
      attempt_records_(context.store, {.name = "sqs.receive_attempt"}),
      move_tasks_(context, *this) {}

void Sqs::load_queues(std::map<std::string, Queue*, std::less<>>& by_id) {
    queue_records_.load([&](const std::string&, Queue queue) {
        queue.arn = queue_arn(queue.account, queue.name);
        queue.settings = parse_queue_attributes(queue.attributes).value();
        Queue& placed = queues_[queue.account].insert_or_assign(queue.name, std::move(queue)).first->second;
        by_id[placed.id] = &placed;
    });
}

void Sqs::load() {
    clear();
    std::map<std::string, Queue*, std::less<>> by_id;
    load_queues(by_id);
    const auto queue_of_key = [&](const std::string& key) -> Queue& {
        const auto queue = by_id.find(parts_of_key(key).first);
        if (queue == by_id.end()) throw Aws_Exception(no_such_queue());
        return *queue->second;
    };
    message_records_.load([&](const std::string& key, const Message& message) {
        queue_of_key(key).restore(sequence_of_key(key), message, context_.now());
    });
    deduplication_records_.load([&](const std::string& key, Deduplication::Entry entry) {
        entry.sequence = sequence_of_key(key);
        queue_of_key(key).deduplication.add(entry);
    });
    attempt_records_.load(
        [&](const std::string& key, Receive_Attempt attempt) { queue_of_key(key).attempts.put(std::move(attempt)); });
    move_tasks_.load();
}

void Sqs::clear() {
    move_tasks_.clear();
    queues_.clear();
    for (const auto& [arn, wake] : wakes_) wake_waiters(arn);
}

void Sqs::save(const Queue& queue) { queue_records_.put(queue_key(queue), queue); }

Queue* Sqs::writable(const Queue& queue) { return &queues_.at(queue.account).find(queue.name)->second; }

Queue* Sqs::queue_of(std::string_view arn) {
    const auto found = find_arn(arn);
    return found ? writable(**found) : nullptr;
}

// ---- queues ---------------------------------------------------------------------------------------------------------

Result<void> Sqs::check_dead_letter_queue(const std::map<std::string, std::string>& attributes,
                                          const Queue_Settings& settings, const std::string& source_arn) const {
    if (settings.dead_letter_arn.empty()) return {};
    const auto invalid = [&](std::string_view reason) {
        return invalid_parameter("RedrivePolicy", attributes.at("RedrivePolicy"), reason);
    };
    const auto target = parse_queue_arn(settings.dead_letter_arn), source = parse_queue_arn(source_arn);
    if (!target) return invalid("Invalid value for deadLetterTargetArn.");
    if (target->account.id != source->account.id)
        return invalid("Dead-letter target owner should be same as the source.");
    if (target->account != source->account) return invalid("Dead letter target does not exist.");  // another region
    const auto dead_letter_queue = find_arn(settings.dead_letter_arn);
    if (!dead_letter_queue) return invalid("Dead letter target does not exist.");
    if ((*dead_letter_queue)->settings.fifo != settings.fifo)
        return invalid("Dead-letter queue must be same type of queue as the source.");
    if (!allows_redrive(**dead_letter_queue, source_arn))
        return invalid("The RedriveAllowPolicy of the dead-letter queue does not allow this source queue.");
    return {};
}

Result<const Queue*> Sqs::create(const Account& account, const std::string& name,
                                 const std::map<std::string, std::string>& attributes,
                                 const std::map<std::string, std::string>& tags) {
    const bool fifo = requests_fifo(attributes);
    OSBOT_TRY(check_queue_name(name, fifo));
    OSBOT_TRY(check_queue_tags(name, tags, tags.size()));
    if (const auto found = find(account, name)) return same_queue(**found, attributes);
    OSBOT_TRY(auto completed, new_queue_attributes(attributes, fifo));
    OSBOT_TRY(auto settings, parse_queue_attributes(completed));
    OSBOT_TRY(check_dead_letter_queue(completed, settings, queue_arn(account, name)));
    Queue& queue = queues_[account][name];
    queue.account = account;
    queue.name = name;
    queue.arn = queue_arn(account, name);
    queue.id = base::uuid4();
    queue.attributes = std::move(completed);
    queue.settings = std::move(settings);
    queue.tags = tags;
    queue.created_at = queue.modified_at = context_.now();
    queue.reserve_sequences();
    save(queue);
    return &queue;
}

Result<const Queue*> Sqs::find(const Account& account, std::string_view name) const {
    const auto queues = queues_.find(account);
    if (queues == queues_.end()) return no_such_queue();
    const auto queue = queues->second.find(name);
    if (queue == queues->second.end()) return no_such_queue();
    return &queue->second;
}

Result<const Queue*> Sqs::find_arn(std::string_view arn) const {
    const auto location = parse_queue_arn(arn);
    if (!location) return no_such_queue();
    return find(location->account, location->name);
}

Queue_Page Sqs::list(const Account& account, const List_Queues& request) const {
    Queue_Page page;
    const auto queues = queues_.find(account);
    if (queues == queues_.end()) return page;
    const std::string& from = std::max(request.prefix, request.after);
    for (auto at = queues->second.lower_bound(from); at != queues->second.end(); ++at) {
        if (!at->first.starts_with(request.prefix)) break;
        const std::string& target = at->second.settings.dead_letter_arn;
        if (at->first == request.after || (!request.dead_letter_arn.empty() && target != request.dead_letter_arn))
            continue;
        if (page.queues.size() == request.max) {
            page.next_token = page.queues.back()->name;
            break;
        }
        page.queues.push_back(&at->second);
    }
    return page;
}

void Sqs::remove(const Queue& removed) {
    Queue& queue = *writable(removed);
    erase_messages(queue);
    move_tasks_.forget(queue.arn);
    queue_records_.erase(queue_key(queue));
    const std::string arn = queue.arn;
    queues_.at(queue.account).erase(std::string(queue.name));
    wake_waiters(arn);
}

Result<void> Sqs::purge(const Queue& target) {
    Queue& queue = *writable(target);
    if (queue.purged_at + purge_interval > context_.now())
        return Error{"PurgeQueueInProgress",
                     fmt::format("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name), 403};
    erase_messages(queue);
    queue.purged_at = context_.now();
    save(queue);
    return {};
}

Result<void> Sqs::set_attributes(const Queue& target, const std::map<std::string, std::string>& changes) {
    OSBOT_TRY(auto attributes, changed_queue_attributes(target, changes));
    OSBOT_TRY(auto settings, parse_queue_attributes(attributes));
    if (changes.contains("RedrivePolicy")) OSBOT_TRY(check_dead_letter_queue(changes, settings, target.arn));
    Queue& queue = *writable(target);
    const base::Time now = context_.now();
    if (settings.deduplicates_by_group != queue.settings.deduplicates_by_group)
        queue.scope_changed_at =
            queue.deduplicates_by_group(now) == settings.deduplicates_by_group ? base::Time{} : now;
    queue.attributes = std::move(attributes);
    queue.settings = std::move(settings);
    queue.modified_at = now;
    save(queue);
    return {};
}

Result<std::map<std::string, std::string>> Sqs::attributes(const Queue& target, const std::vector<std::string>& names) {
    Queue& queue = *writable(target);
    expire(queue);
    const Queue::Counts counts = queue.counts(context_.now());
    const auto seconds = [](base::Time time) { return std::to_string(base::unix_ms(time) / 1000); };
    std::map<std::string, std::string> all = queue.attributes;
    all["QueueArn"] = queue.arn;
    all["CreatedTimestamp"] = seconds(queue.created_at);
    all["LastModifiedTimestamp"] = seconds(queue.modified_at);
    all["ApproximateNumberOfMessages"] = std::to_string(counts.visible);
    all["ApproximateNumberOfMessagesNotVisible"] = std::to_string(counts.in_flight);
    all["ApproximateNumberOfMessagesDelayed"] = std::to_string(counts.delayed);
    if (std::find(names.begin(), names.end(), "All") != names.end()) return all;
    std::map<std::string, std::string> selected;
    for (const std::string& name : names) {
        if (!is_queue_attribute(name)) return Error{"InvalidAttributeName", fmt::format("Unknown Attribute {}.", name)};
        if (const auto found = all.find(name); found != all.end()) selected.insert(*found);
    }
    return selected;
}

Result<void> Sqs::tag(const Queue& target, const std::map<std::string, std::string>& added) {
    Queue& queue = *writable(target);
    auto tags = added;
    tags.insert(queue.tags.begin(), queue.tags.end());
    OSBOT_TRY(check_queue_tags(queue.name, added, tags.size()));
    queue.tags = std::move(tags);
    save(queue);
    return {};
}

void Sqs::untag(const Queue& target, const std::vector<std::string>& keys) {
    Queue& queue = *writable(target);
    for (const std::string& key : keys) queue.tags.erase(key);
    save(queue);
}

}  // namespace osbot_aws::services

#include "services/sqs/sqs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "services/sqs/message_record.hpp"
#include "services/sqs/message_rules.hpp"
#include "services/sqs/queue_attributes.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Queue>& queue) {
    f(queue.account)("name", queue.name)("id", queue.id)("attributes", queue.attributes)("tags", queue.tags);
    f("created_ms", queue.created_at)("modified_ms", queue.modified_at);
    Queue::Sequence reserved = queue.reserved();
    f.optional("sequences_reserved", reserved);
    if constexpr (!Fields::writes) queue.restore_reserved(reserved);
}

namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
constexpr std::size_t queue_name_length_max = 80, in_flight_max = 120'000;
constexpr std::chrono::seconds visibility_max{43'200}, purge_interval{60};

std::optional<Error> check_queue_name(const std::string& name) {
    if (name.ends_with(".fifo")) return no_fifo_queues(name);
    if (!name.empty() && name.size() <= queue_name_length_max && base::all_name_characters(name)) return std::nullopt;
    return invalid_value("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

std::string queue_arn(const Account& account, std::string_view name) {
    return fmt::format("arn:aws:sqs:{}:{}:{}", account.region, account.id, name);
}

std::string queue_key(const Queue& queue) {
    return fmt::format("{}/{}/{}", queue.account.id, queue.account.region, queue.name);
}

std::string message_key(const Queue& queue, Queue::Sequence sequence) {
    return fmt::format("{}/{:020}", queue.id, sequence);
}

Error no_queue() { return {"QueueDoesNotExist", "The specified queue does not exist."}; }

Error no_handle(std::string_view handle) {
    return {"ReceiptHandleIsInvalid",
            fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle)};
}

/// Returns `attributes` with the changes applied. An empty value removes an attribute.
std::map<std::string, std::string> apply_changes(std::map<std::string, std::string> attributes,
                                                 const std::map<std::string, std::string>& changes) {
    for (const auto& [name, value] : changes) {
        if (value.empty())
            attributes.erase(name);
        else
            attributes[name] = value;
    }
    return attributes;
}

}  // namespace

// ---- waiting --------------------------------------------------------------------------------------------------------

struct Sqs::Waiter final : base::Subscription {
    Waiter(Sqs& sqs, std::string arn, std::function<void()> ready)
        : sqs_(sqs), alive_(sqs.alive_), arn_(std::move(arn)), ready_(std::move(ready)) {
        sqs_.wakes_[arn_].waiters.push_back(this);
    }
    ~Waiter() override { leave(); }

    /// Stops waiting and returns the callback. Calling it may destroy this object.
    std::function<void()> leave() {
        const auto wake = alive_.expired() ? sqs_.wakes_.end() : sqs_.wakes_.find(arn_);
        if (ready_ && !alive_.expired() && wake != sqs_.wakes_.end()) wake->second.waiters.remove(this);
        return std::exchange(ready_, nullptr);
    }

private:
    Sqs& sqs_;
    std::weak_ptr<int> alive_;
    std::string arn_;
    std::function<void()> ready_;
};

base::Subscription_Ptr Sqs::when_ready(const std::string& arn, std::function<void()> ready) {
    auto waiter = std::make_unique<Waiter>(*this, arn, std::move(ready));
    wake_waiters(arn);
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

void Sqs::wake(const std::string& arn) {
    Wake& wake = wakes_[arn];
    wake.posted = false;
    wake.timer.reset();
    // Calls each current waiter once. A waiter that registers again waits for the next wake-up.
    for (std::size_t calls = wake.waiters.size(); calls > 0 && !wake.waiters.empty(); --calls) {
        Queue* queue = queue_of(arn);
        if (queue != nullptr && !queue->ready(context_.now())) break;
        wake.waiters.front()->leave()();
    }
    Queue* queue = queue_of(arn);
    if (queue == nullptr || wake.waiters.empty()) return;
    if (const auto next = queue->next_visible())
        wake.timer = context_.loop.after(*next - context_.now(), [this, arn] { this->wake(arn); });
}

// ---- state ----------------------------------------------------------------------------------------------------------

Sqs::Sqs(Context& context)
    : context_(context),
      queue_records_(context.store, {.name = "sqs.queue"}),
      message_records_(context.store, {.name = "sqs.message"}) {}

void Sqs::load() {
    clear();
    std::map<std::string, Queue*, std::less<>> by_id;
    queue_records_.load([&](const std::string&, Queue queue) {
        queue.arn = queue_arn(queue.account, queue.name);
        queue.settings = parse_queue_attributes(queue.attributes).value();
        Queue& placed = queues_[queue.account].insert_or_assign(queue.name, std::move(queue)).first->second;
        by_id[placed.id] = &placed;
    });
    message_records_.load([&](const std::string& key, Message message) {
        const std::size_t slash = key.find('/');
        const auto queue = by_id.find(std::string_view(key).substr(0, slash));
        if (queue == by_id.end()) throw Aws_Exception(no_queue());
        const auto sequence = base::parse_number<Queue::Sequence>(std::string_view(key).substr(slash + 1));
        if (!sequence) throw Aws_Exception(Error{"InvalidRecord", "the key has no sequence number"});
        queue->second->restore(*sequence, std::move(message), context_.now());
    });
}

void Sqs::clear() {
    queues_.clear();
    for (const auto& [arn, wake] : wakes_) wake_waiters(arn);
}

void Sqs::save(const Queue& queue) { queue_records_.put(queue_key(queue), queue); }

Queue::Sequence Sqs::add(Queue& queue, Message message) {
    if (queue.reserve_sequences()) save(queue);
    const Queue::Sequence sequence = queue.add(std::move(message), context_.now());
    save_message(queue, sequence);
    return sequence;
}

void Sqs::save_message(const Queue& queue, Queue::Sequence sequence) {
    message_records_.put(message_key(queue, sequence), queue.at(sequence));
}

void Sqs::erase_message(const Queue& queue, Queue::Sequence sequence) {
    message_records_.erase(message_key(queue, sequence));
}

Queue* Sqs::writable(const Queue& queue) { return &queues_.at(queue.account).find(queue.name)->second; }

Queue* Sqs::queue_of(std::string_view arn) {
    const auto found = find_arn(arn);
    return found ? writable(**found) : nullptr;
}

void Sqs::expire(Queue& queue) {
    for (const Queue::Sequence expired : queue.expire(context_.now())) erase_message(queue, expired);
}

// ---- queues ---------------------------------------------------------------------------------------------------------

Result<const Queue*> Sqs::create(const Account& account, const std::string& name,
                                 const std::map<std::string, std::string>& attributes,
                                 const std::map<std::string, std::string>& tags) {
    if (auto error = check_queue_name(name)) return *error;
    OSBOT_TRY(auto settings, parse_queue_attributes(attributes));
    auto& queues = queues_[account];
    if (const auto found = queues.find(name); found != queues.end()) {
        for (const auto& [attribute, value] : attributes) {
            const auto current = found->second.attributes.find(attribute);
            if (current == found->second.attributes.end() || current->second != value)
                return Error{"QueueNameExists",
                             fmt::format("A queue already exists with the same name and a different value for "
                                         "attribute {}",
                                         attribute)};
        }
        return &found->second;
    }
    Queue& queue = queues[name];
    queue.account = account;
    queue.name = name;
    queue.arn = queue_arn(account, name);
    queue.id = base::uuid4();
    queue.attributes = apply_changes(default_queue_attributes(), attributes);
    queue.settings = std::move(settings);
    queue.tags = tags;
    queue.created_at = queue.modified_at = context_.now();
    queue.reserve_sequences();
    save(queue);
    return &queue;
}

Result<const Queue*> Sqs::find(const Account& account, std::string_view name) const {
    const auto queues = queues_.find(account);
    if (queues == queues_.end()) return no_queue();
    const auto queue = queues->second.find(name);
    if (queue == queues->second.end()) return no_queue();
    return &queue->second;
}

Result<const Queue*> Sqs::find_arn(std::string_view arn) const {
    const auto location = parse_queue_arn(arn);
    if (!location) return no_queue();
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

void Sqs::remove(const Queue& queue) {
    for (const auto& [sequence, message] : queue.messages()) erase_message(queue, sequence);
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
    for (const auto& [sequence, message] : queue.messages()) erase_message(queue, sequence);
    queue.clear();
    queue.purged_at = context_.now();
    return {};
}

Result<void> Sqs::set_attributes(const Queue& target, const std::map<std::string, std::string>& changes) {
    auto attributes = apply_changes(target.attributes, changes);
    for (const auto& [name, value] : default_queue_attributes()) attributes.emplace(name, value);
    OSBOT_TRY(auto settings, parse_queue_attributes(attributes));
    Queue& queue = *writable(target);
    queue.attributes = std::move(attributes);
    queue.settings = std::move(settings);
    queue.modified_at = context_.now();
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

void Sqs::tag(const Queue& target, const std::map<std::string, std::string>& added) {
    Queue& queue = *writable(target);
    for (const auto& [key, value] : added) queue.tags[key] = value;
    save(queue);
}

void Sqs::untag(const Queue& target, const std::vector<std::string>& keys) {
    Queue& queue = *writable(target);
    for (const std::string& key : keys) queue.tags.erase(key);
    save(queue);
}

// ---- messages -------------------------------------------------------------------------------------------------------

Result<Message> Sqs::send(const Queue& target, Send_Message request) {
    if (auto error = check_message(target, request)) return *error;
    Queue& queue = *writable(target);
    const base::Time now = context_.now();
    Message message{.id = base::uuid4(),
                    .body = std::move(request.body),
                    .attributes = std::move(request.attributes),
                    .trace_header = std::move(request.trace_header),
                    .group_id = std::move(request.group_id),
                    .sender_id = queue.account.id,
                    .dead_letter_source = {},
                    .sent_at = now,
                    .visible_at = now + request.delay.value_or(queue.settings.delay)};
    const Queue::Sequence sequence = add(queue, std::move(message));
    wake_waiters(queue.arn);
    return queue.at(sequence);
}

bool Sqs::move_to_dead_letter_queue(Queue& queue, Queue::Sequence sequence) {
    if (queue.settings.dead_letter_arn.empty() || queue.at(sequence).receives_in_queue < queue.settings.receives_max)
        return false;
    Queue* target = queue_of(queue.settings.dead_letter_arn);
    if (target == nullptr) return false;  // as on AWS, it stays in its queue until the dead-letter queue exists
    Message message = queue.take(sequence);
    message.dead_letter_source = queue.arn;
    message.receives_in_queue = 0;
    message.visible_at = context_.now();
    add(*target, std::move(message));
    erase_message(queue, sequence);  // in the transaction of the put, see Store_Owner::loop
    wake_waiters(target->arn);
    return true;
}

Result<std::vector<Received_Message>> Sqs::receive(const Queue& target, std::size_t max,
                                                   std::optional<std::chrono::seconds> visibility) {
    Queue& queue = *writable(target);
    const base::Time now = context_.now();
    expire(queue);
    if (queue.messages().size() >= in_flight_max && queue.counts(now).in_flight >= in_flight_max)
        return Error{"OverLimit", "The maximum number of in flight messages is reached.", 403};
    std::vector<Queue::Sequence> found;
    do {
        found = queue.receivable(max, now);
    } while (std::any_of(found.begin(), found.end(),
                         [&](Queue::Sequence sequence) { return move_to_dead_letter_queue(queue, sequence); }));
    std::vector<Received_Message> received;
    for (const Queue::Sequence sequence : found) {
        const Message& message = queue.receive(sequence, now, now + visibility.value_or(queue.settings.visibility));
        received.push_back({message, queue.handle_of(sequence)});
        save_message(queue, sequence);
    }
    wake_waiters(queue.arn);
    return received;
}

Result<void> Sqs::delete_message(const Queue& target, std::string_view receipt_handle) {
    Queue& queue = *writable(target);
    const auto handle = queue.parse_handle(receipt_handle);
    if (!handle) return no_handle(receipt_handle);
    if (!handle->current) return {};
    queue.take(handle->sequence);
    erase_message(queue, handle->sequence);
    return {};
}

Result<void> Sqs::change_visibility(const Queue& target, std::string_view receipt_handle,
                                    std::chrono::seconds timeout) {
    if (timeout.count() < 0 || timeout > visibility_max)
        return invalid_value(
            fmt::format("Value {} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must "
                        "be an integer between 0 and {}.",
                        timeout.count(), visibility_max.count()));
    Queue& queue = *writable(target);
    const auto handle = queue.parse_handle(receipt_handle);
    if (!handle) return no_handle(receipt_handle);
    if (!handle->current)
        return invalid_value(
            fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: Message does not exist or "
                        "is not available for visibility timeout change.",
                        receipt_handle));
    const base::Time now = context_.now();
    if (queue.at(handle->sequence).visible_at <= now)
        return Error{"MessageNotInflight", "The message referred to isn't in flight."};
    queue.hide(handle->sequence, now + timeout, now);
    save_message(queue, handle->sequence);
    wake_waiters(queue.arn);
    return {};
}

// ---- wire -----------------------------------------------------------------------------------------------------------

std::optional<Queue_Location> parse_queue_arn(std::string_view arn) {
    std::vector<std::string_view> parts;
    for (std::string_view rest = arn; parts.size() < 6;) {
        const std::size_t colon = parts.size() == 5 ? std::string_view::npos : rest.find(':');
        parts.push_back(rest.substr(0, colon));
        if (colon == std::string_view::npos) break;
        rest = rest.substr(colon + 1);
    }
    if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sqs") return std::nullopt;
    return Queue_Location{{std::string(parts[4]), std::string(parts[3])}, std::string(parts[5])};
}

std::string md5_of_attributes(const Message_Attributes& attributes) {
    base::Md5 md5;
    const auto add = [&](std::string_view text) {
        const auto size = static_cast<std::uint32_t>(text.size());
        const char length[4] = {static_cast<char>(size >> 24U), static_cast<char>(size >> 16U),
                                static_cast<char>(size >> 8U), static_cast<char>(size)};
        md5.update({length, sizeof length});
        md5.update(text);
    };
    for (const auto& [name, attribute] : attributes) {
        add(name);
        add(attribute.data_type);
        md5.update(attribute.binary() ? "\x02" : "\x01");
        add(attribute.value);
    }
    return base::hex_encode(md5.finish_raw());
}

}  // namespace osbot_aws::services

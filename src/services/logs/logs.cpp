#include "services/logs/logs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/time_text.hpp"
#include "services/logs/log_rules.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

struct Log_Stream_Record {
    Account account;
    std::string group, name;
    std::int64_t created_ms = 0;
};

template <class Fields>
void describe(Fields& f, store::Of<Fields, Log_Stream_Record>& stream) {
    f(stream.account)("group", stream.group)("name", stream.name)("created_ms", stream.created_ms);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Log_Group>& group) {
    f(group.account)("name", group.name)("created_ms", group.created_ms).optional("class", group.log_class);
    f.optional("retention_days", group.retention_days).optional("tags", group.tags);
    f.optional("protected", group.is_protected).optional("kms_key", group.kms_key);
}

namespace {

// Minimum time between erasures of expired events, so that one write erases many.
constexpr std::int64_t minute_ms = 60'000;

Error already_exists(std::string_view resource) {
    return {"ResourceAlreadyExistsException", fmt::format("The specified {} already exists", resource)};
}
std::string stream_key(const Account& account, std::string_view group, std::string_view stream) {
    return fmt::format("{}:{}", log_group_key(account, group), stream);
}

std::string stream_arn(const Log_Group& group, std::string_view stream) {
    return fmt::format("{}:log-stream:{}", group.arn, stream);
}

}  // namespace

// The separator ':' cannot occur in an account, a region or a name.
std::string log_group_key(const Account& account, std::string_view group) {
    return fmt::format("{}:{}:{}", account.id, account.region, group);
}

std::string log_group_arn(const Account& account, std::string_view group) {
    return account.arn("logs", fmt::format("log-group:{}", group));
}

Logs::Logs(Context& context)
    : context_(context),
      group_records_(context.store, {.name = "log_group"}),
      stream_records_(context.store, {.name = "log_stream"}),
      resources_(context),
      subscriptions_(context, resources_),
      live_tail_(context) {}

void Logs::clear() {
    groups_.clear();
    resources_.clear();
    subscriptions_.load();
    expiry_ = nullptr;
}

void Logs::load() {
    clear();
    group_records_.load([this](const std::string&, Log_Group group) {
        group.arn = log_group_arn(group.account, group.name);
        if (group.retention_days) expire_at(0);
        groups_[group.account][group.name].info = std::move(group);
    });
    stream_records_.load([this](const std::string&, const Log_Stream_Record& stream) {
        auto* group = find_group(stream.account, stream.group);
        if (!group) throw Aws_Exception(no_group());
        const Log_Stream info{
            .name = stream.name, .arn = stream_arn(group->info, stream.name), .created_ms = stream.created_ms};
        group->streams[stream.name] = {info, false};
    });
    resources_.load();
    subscriptions_.load();
}

Logs::Group* Logs::find_group(const Account& account, const std::string& name) {
    return const_cast<Group*>(std::as_const(*this).find_group(account, name));
}

const Logs::Group* Logs::find_group(const Account& account, const std::string& name) const {
    const auto groups = groups_.find(account);
    if (groups == groups_.end()) return nullptr;
    const auto group = groups->second.find(name);
    return group == groups->second.end() ? nullptr : &group->second;
}

Result<Logs::Stream*> Logs::find_stream(const Account& account, const std::string& group, const std::string& name) {
    auto* found = find_group(account, group);
    if (!found) return no_group();
    const auto stream = found->streams.find(name);
    if (stream == found->streams.end()) return no_stream();
    return &stream->second;
}

void Logs::save(const Group& group) {
    group_records_.put(log_group_key(group.info.account, group.info.name), group.info);
}

Logs::Stream& Logs::make_stream(const Account& account, Group& group, const std::string& name) {
    auto& stream = group.streams[name];
    stream.info = {.name = name, .arn = stream_arn(group.info, name), .created_ms = base::unix_ms(context_.now())};
    stream_records_.put(stream_key(account, group.info.name, name),
                        {account, group.info.name, name, stream.info.created_ms});
    return stream;
}

void Logs::append(const Account& account, const std::string& group, const std::string& stream,
                  std::vector<store::Log_Event> events) {
    auto* found = find_group(account, group);
    if (!found) {
        groups_[account][group].info = {.account = account,
                                        .name = group,
                                        .arn = log_group_arn(account, group),
                                        .created_ms = base::unix_ms(context_.now())};
        found = find_group(account, group);
        save(*found);
    }
    const auto existing = found->streams.find(stream);
    auto& target = existing == found->streams.end() ? make_stream(account, *found, stream) : existing->second;
    append_to(account, *found, target, std::move(events));
}

void Logs::append_to(const Account& account, Group& group, Stream& stream, std::vector<store::Log_Event> events) {
    if (events.empty()) return;
    const auto now_ms = base::unix_ms(context_.now());
    auto& info = stream.info;
    for (auto& event : events) {
        if (event.ingestion_ms == 0) event.ingestion_ms = now_ms;
        info.first_event_ms = std::min(info.first_event_ms.value_or(event.timestamp_ms), event.timestamp_ms);
        info.last_event_ms = std::max(info.last_event_ms.value_or(event.timestamp_ms), event.timestamp_ms);
        info.last_ingestion_ms = event.ingestion_ms;
        growth_bytes_ += event.memory_bytes();
    }
    notify_growth();
    if (group.info.retention_days) expire_at(*info.first_event_ms + *group.info.retention_days * day_ms);
    live_tail_.publish(account, group.info.name, info.name, events);
    subscriptions_.publish(account, group.info.name, info.name, events);
    context_.store.append_log(log_group_key(account, group.info.name), info.name, std::move(events));
}

void Logs::when_written(std::function<void()> done) {
    // The callback of the store is destroyed on the store's thread, so it has no reference to this object.
    const auto written = [this, alive = std::weak_ptr(alive_), done = std::move(done)] {
        if (alive.expired()) return;
        paused_ ? paused_writers_.push_back(done) : done();
    };
    context_.store.when_durable(context_.store.last_change(),
                                [&loop = context_.loop, written](const Result<void>&) { loop.post(written); });
}

void Logs::resume() {
    paused_ = false;
    for (const auto& done : std::exchange(paused_writers_, {})) done();
}

void Logs::when_grown(std::uint64_t bytes, std::function<void()> task) {
    growth_bytes_ = 0;
    growth_bytes_awaited_ = bytes;
    on_growth_ = std::move(task);
}

void Logs::notify_growth() {
    if (!on_growth_ || growth_bytes_ < growth_bytes_awaited_) return;
    context_.loop.post([alive = std::weak_ptr(alive_), task = std::exchange(on_growth_, nullptr)] {
        if (!alive.expired()) task();
    });
}

Result<void> Logs::create_group(const Account& account, const Create_Log_Group& request) {
    Log_Tags tags;
    OSBOT_TRY(add_log_tags(tags, request.tags));
    if (find_group(account, request.name)) return already_exists("log group");
    auto& group = groups_[account][request.name];
    group.info = {.account = account,
                  .name = request.name,
                  .arn = log_group_arn(account, request.name),
                  .created_ms = base::unix_ms(context_.now()),
                  .log_class = request.log_class,
                  .retention_days = std::nullopt,
                  .is_protected = request.is_protected,
                  .tags = std::move(tags),
                  .kms_key = request.kms_key};
    save(group);
    return {};
}

Result<void> Logs::delete_group(const Account& account, const std::string& name) {
    const auto* group = find_group(account, name);
    if (!group) return no_group();
    if (group->info.is_protected) {
        return Error{"ValidationException",
                     "The log group has deletion protection. Disable it with PutLogGroupDeletionProtection."};
    }
    for (const auto& [stream, ignored] : group->streams) { stream_records_.erase(stream_key(account, name, stream)); }
    group_records_.erase(log_group_key(account, name));
    context_.store.erase_logs(log_group_key(account, name), "");
    resources_.erase_group(account, name);
    subscriptions_.update(account, name);
    groups_[account].erase(name);
    return {};
}

Result<void> Logs::protect(const Account& account, const std::string& name, bool is_protected) {
    auto* group = find_group(account, name);
    if (!group) return no_group();
    group->info.is_protected = is_protected;
    save(*group);
    return {};
}

Result<void> Logs::set_kms_key(const Account& account, const std::string& name, const std::string& key) {
    auto* group = find_group(account, name);
    if (!group) return no_group();
    group->info.kms_key = key;
    save(*group);
    return {};
}

Result<void> Logs::put_retention(const Account& account, const std::string& name, std::optional<int> days) {
    if (days) {
        if (auto error = bad_retention(*days)) return *error;
    }
    auto* group = find_group(account, name);
    if (!group) return no_group();
    group->info.retention_days = days;
    save(*group);
    if (days) {
        expiry_ = nullptr;
        expire_at(0);
    }
    return {};
}

std::optional<std::int64_t> Logs::retention_start_ms(const Group& group) const {
    if (!group.info.retention_days) return std::nullopt;
    return base::unix_ms(context_.now()) - *group.info.retention_days * day_ms;
}

store::Log_Query Logs::query_of(const Account& account, const Group& group) const {
    return {.group = log_group_key(account, group.info.name), .stream = "", .start_ms = retention_start_ms(group)};
}

void Logs::expire_at(std::int64_t ms) {
    if (expiry_) return;
    const auto wait_ms = std::max(ms - base::unix_ms(context_.now()), minute_ms);
    expiry_ = context_.loop.after(std::chrono::milliseconds{wait_ms}, [this] { expire(); });
}

// Schedules the next run for when the oldest remaining event expires. Without events nothing is scheduled.
void Logs::expire() {
    expiry_ = nullptr;
    std::optional<std::int64_t> next;
    for (auto& [account, groups] : groups_) {
        for (auto& [name, group] : groups) {
            if (const auto oldest = expire(account, group)) next = std::min(next.value_or(*oldest), *oldest);
        }
    }
    if (next) expire_at(*next);
}

/// Erases the group's expired events. Returns when the oldest remaining event expires, if there is one.
std::optional<std::int64_t> Logs::expire(const Account& account, Group& group) {
    const auto retention_start = retention_start_ms(group);
    if (!retention_start) return std::nullopt;
    auto query = query_of(account, group);
    query.limit = 1;
    const auto oldest_retained = context_.store.find_logs(query);
    query.start_ms = std::nullopt;
    query.end_ms = retention_start;
    if (!context_.store.find_logs(query).empty()) {
        context_.store.erase_logs_before(query.group, *retention_start);
        for (auto& [name, stream] : group.streams) stream.times_known = false;
    }
    if (oldest_retained.empty()) return std::nullopt;
    return oldest_retained.front().timestamp_ms + *group.info.retention_days * day_ms;
}

/// Changes the tags of the group or other resource with an ARN, and returns them. Nothing is stored if they are the
/// same.
Result<Log_Tags> Logs::change_tags(const Account& account, const std::string& arn,
                                   const std::function<Result<void>(Log_Tags&)>& change) {
    if (!arn.starts_with("arn:")) return bad_log_parameter(fmt::format("Invalid ARN: {}", arn));
    const auto prefix = log_group_arn(account, "");
    auto* group = arn.starts_with(prefix) ? find_group(account, arn.substr(prefix.size())) : nullptr;
    const Log_Resource* resource = group ? nullptr : resources_.find_arn(account, arn);
    if (!group && !resource) return Error{"ResourceNotFoundException", "The specified resource does not exist."};
    Log_Tags tags = group ? group->info.tags : resource->tags;
    OSBOT_TRY(change(tags));
    if (tags == (group ? group->info.tags : resource->tags)) return tags;
    if (group) {
        group->info.tags = tags;
        save(*group);
    } else {
        Log_Resource changed = *resource;
        changed.tags = tags;
        resources_.put(std::move(changed));
    }
    return tags;
}

Result<void> Logs::tag(const Account& account, const std::string& arn, const Log_Tags& added) {
    OSBOT_TRY(change_tags(account, arn, [&](Log_Tags& tags) { return add_log_tags(tags, added); }));
    return {};
}

Result<void> Logs::untag(const Account& account, const std::string& arn, const std::vector<std::string>& keys) {
    OSBOT_TRY(change_tags(account, arn, [&](Log_Tags& tags) -> Result<void> {
        for (const auto& key : keys) tags.erase(key);
        return {};
    }));
    return {};
}

Result<Log_Tags> Logs::tags(const Account& account, const std::string& arn) {
    return change_tags(account, arn, [](Log_Tags&) { return Result<void>(); });
}

Result<void> Logs::create_stream(const Account& account, const std::string& group, const std::string& name) {
    auto* found = find_group(account, group);
    if (!found) return no_group();
    if (found->streams.contains(name)) return already_exists("log stream");
    make_stream(account, *found, name);
    return {};
}

Result<void> Logs::delete_stream(const Account& account, const std::string& group, const std::string& name) {
    OSBOT_TRY(find_stream(account, group, name));
    stream_records_.erase(stream_key(account, group, name));
    context_.store.erase_logs(log_group_key(account, group), name);
    find_group(account, group)->streams.erase(name);
    return {};
}

Result<Rejected_Log_Events> Logs::put_events(const Account& account, const std::string& group,
                                             const std::string& stream, std::vector<store::Log_Event> events) {
    OSBOT_TRY(auto found, find_stream(account, group, stream));
    if (auto error = bad_log_batch(events)) return *error;
    auto& target = *find_group(account, group);
    const auto rejected = reject_log_events(events, base::unix_ms(context_.now()), retention_start_ms(target));
    append_to(account, target, *found, std::move(events));
    return rejected;
}

}  // namespace osbot_aws::services

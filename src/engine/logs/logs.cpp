#include "engine/logs/logs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/time_text.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view group_kind = "log_group", stream_kind = "log_stream";

// botocore, logs/2014-03-28/service-2.json, LogGroupClass
constexpr std::array<std::string_view, 3> log_classes{"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"};
// Expired events leave in batches: an erase is a write.
constexpr std::int64_t minute_ms = 60'000, day_ms = 24 * 60 * minute_ms;

Error taken(std::string_view what) {
    return {"ResourceAlreadyExistsException", fmt::format("The specified {} already exists", what)};
}
// ':' is in neither an account, a region nor a name.
std::string group_key(const Account& account, std::string_view group) {
    return fmt::format("{}:{}:{}", account.id, account.region, group);
}
std::string stream_key(const Account& account, std::string_view group, std::string_view stream) {
    return fmt::format("{}:{}", group_key(account, group), stream);
}

}  // namespace

std::string log_group_arn(const Account& account, std::string_view group) {
    return fmt::format("arn:aws:logs:{}:{}:log-group:{}", account.region, account.id, group);
}

void Logs::clear() {
    groups_.clear();
    expiry_ = nullptr;
}

void Logs::load() {
    clear();
    for (const auto& record : context_.store.load(group_kind)) {
        const auto json = base::parse_json_or_throw(record.value);
        const Account account{json.at("account"), json.at("region")};
        Log_Group shown{.name = json.at("name"), .created_ms = json.at("created_ms")};
        shown.arn = log_group_arn(account, shown.name);
        if (json.contains("retention_days")) shown.retention_days = json.at("retention_days").get<int>();
        shown.log_class = json.value("class", shown.log_class);
        shown.tags = json.value("tags", Log_Tags{});
        if (shown.retention_days) expire_at(0);
        groups_[account][shown.name].shown = shown;
    }
    for (const auto& record : context_.store.load(stream_kind)) {
        const auto json = base::parse_json_or_throw(record.value);
        const Account account{json.at("account"), json.at("region")};
        auto* group = find_group(account, json.at("group"));
        if (!group) continue;
        Log_Stream shown{.name = json.at("name"), .created_ms = json.at("created_ms")};
        shown.arn = fmt::format("{}:log-stream:{}", group->shown.arn, shown.name);
        group->streams[shown.name] = {shown, false};
    }
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

void Logs::save(const Account& account, const Group& group) {
    Json json{{"account", account.id},
              {"region", account.region},
              {"name", group.shown.name},
              {"created_ms", group.shown.created_ms},
              {"class", group.shown.log_class}};
    if (group.shown.retention_days) json["retention_days"] = *group.shown.retention_days;
    if (!group.shown.tags.empty()) json["tags"] = group.shown.tags;
    context_.store.put(group_kind, group_key(account, group.shown.name), base::dump_json(json));
}

Logs::Stream& Logs::make_stream(const Account& account, Group& group, const std::string& name) {
    auto& stream = group.streams[name];
    stream.shown = {.name = name,
                    .arn = fmt::format("{}:log-stream:{}", group.shown.arn, name),
                    .created_ms = base::unix_ms(context_.now())};
    const Json json{{"account", account.id},
                    {"region", account.region},
                    {"group", group.shown.name},
                    {"name", name},
                    {"created_ms", stream.shown.created_ms}};
    context_.store.put(stream_kind, stream_key(account, group.shown.name, name), base::dump_json(json));
    return stream;
}

void Logs::append(const Account& account, const std::string& group, const std::string& stream,
                  std::vector<store::Log_Event> events) {
    auto* found = find_group(account, group);
    if (!found) {
        groups_[account][group].shown = {
            .name = group, .arn = log_group_arn(account, group), .created_ms = base::unix_ms(context_.now())};
        found = find_group(account, group);
        save(account, *found);
    }
    const auto known = found->streams.find(stream);
    auto& to = known == found->streams.end() ? make_stream(account, *found, stream) : known->second;
    append_to(account, *found, to, std::move(events));
}

void Logs::append_to(const Account& account, Group& group, Stream& stream, std::vector<store::Log_Event> events) {
    if (events.empty()) return;
    const auto now_ms = base::unix_ms(context_.now());
    auto& shown = stream.shown;
    for (auto& event : events) {
        if (event.ingestion_ms == 0) event.ingestion_ms = now_ms;
        shown.first_event_ms = std::min(shown.first_event_ms.value_or(event.timestamp_ms), event.timestamp_ms);
        shown.last_event_ms = std::max(shown.last_event_ms.value_or(event.timestamp_ms), event.timestamp_ms);
        shown.last_ingestion_ms = event.ingestion_ms;
    }
    if (group.shown.retention_days) expire_at(*shown.first_event_ms + *group.shown.retention_days * day_ms);
    live_tail_.offer(account, group.shown.name, shown.name, events);
    context_.store.append_log(group_key(account, group.shown.name), shown.name, std::move(events));
}

Result<void> Logs::create_group(const Account& account, const Create_Log_Group& wanted) {
    if (auto error = bad_log_group_name(wanted.name)) return *error;
    if (std::ranges::find(log_classes, wanted.log_class) == log_classes.end()) {
        return unsatisfied_log_parameter(
            wanted.log_class, "logGroupClass",
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(log_classes, ", ")));
    }
    Log_Tags tags;
    if (auto added = add_log_tags(tags, wanted.tags); !added) return added;
    if (find_group(account, wanted.name)) return taken("log group");
    auto& group = groups_[account][wanted.name];
    group.shown = {.name = wanted.name,
                   .arn = log_group_arn(account, wanted.name),
                   .created_ms = base::unix_ms(context_.now()),
                   .log_class = wanted.log_class,
                   .retention_days = std::nullopt,
                   .tags = std::move(tags)};
    save(account, group);
    return {};
}

Result<void> Logs::delete_group(const Account& account, const std::string& name) {
    const auto* group = find_group(account, name);
    if (!group) return no_group();
    for (const auto& [stream, ignored] : group->streams) {
        context_.store.erase(stream_kind, stream_key(account, name, stream));
    }
    context_.store.erase(group_kind, group_key(account, name));
    context_.store.erase_logs(group_key(account, name), "");
    groups_[account].erase(name);
    return {};
}

Result<void> Logs::put_retention(const Account& account, const std::string& name, std::optional<int> days) {
    if (days) {
        if (auto error = bad_retention(*days)) return *error;
    }
    auto* group = find_group(account, name);
    if (!group) return no_group();
    group->shown.retention_days = days;
    save(account, *group);
    if (days) {
        expiry_ = nullptr;
        expire_at(0);
    }
    return {};
}

std::optional<std::int64_t> Logs::kept_from_ms(const Group& group) const {
    if (!group.shown.retention_days) return std::nullopt;
    return base::unix_ms(context_.now()) - *group.shown.retention_days * day_ms;
}

store::Log_Query Logs::query_of(const Account& account, const Group& group) const {
    return {.group = group_key(account, group.shown.name), .stream = "", .start_ms = kept_from_ms(group)};
}

void Logs::expire_at(std::int64_t ms) {
    if (expiry_) return;
    const auto wait_ms = std::max(ms - base::unix_ms(context_.now()), minute_ms);
    expiry_ = context_.loop.after(std::chrono::milliseconds{wait_ms}, [this] { expire(); });
}

// The next time is when the oldest that is left expires: without events nothing runs.
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

/// Answers when the group's oldest event expires, if it has one that can.
std::optional<std::int64_t> Logs::expire(const Account& account, Group& group) {
    const auto kept_from = kept_from_ms(group);
    if (!kept_from) return std::nullopt;
    auto query = query_of(account, group);
    query.limit = 1;
    const auto oldest_kept = context_.store.find_logs(query);
    query.start_ms = std::nullopt;
    query.end_ms = kept_from;
    if (!context_.store.find_logs(query).empty()) {
        context_.store.erase_logs_before(query.group, *kept_from);
        for (auto& [name, stream] : group.streams) stream.times_known = false;
    }
    if (oldest_kept.empty()) return std::nullopt;
    return oldest_kept.front().timestamp_ms + *group.shown.retention_days * day_ms;
}

Result<Logs::Group*> Logs::group_by_arn(const Account& account, const std::string& arn) {
    if (!arn.starts_with("arn:")) return bad_log_parameter(fmt::format("Invalid ARN: {}", arn));
    const auto prefix = log_group_arn(account, "");
    auto* group = arn.starts_with(prefix) ? find_group(account, arn.substr(prefix.size())) : nullptr;
    if (!group) return Error{"ResourceNotFoundException", "The specified resource does not exist."};
    return group;
}

Result<void> Logs::tag(const Account& account, const std::string& arn, const Log_Tags& tags) {
    auto group = group_by_arn(account, arn);
    if (!group) return group.error();
    if (auto added = add_log_tags((*group)->shown.tags, tags); !added) return added;
    save(account, **group);
    return {};
}

Result<void> Logs::untag(const Account& account, const std::string& arn, const std::vector<std::string>& keys) {
    auto group = group_by_arn(account, arn);
    if (!group) return group.error();
    for (const auto& key : keys) (*group)->shown.tags.erase(key);
    save(account, **group);
    return {};
}

Result<Log_Tags> Logs::tags(const Account& account, const std::string& arn) {
    auto group = group_by_arn(account, arn);
    if (!group) return group.error();
    return (*group)->shown.tags;
}

Result<void> Logs::create_stream(const Account& account, const std::string& group, const std::string& name) {
    if (auto error = bad_log_stream_name(name)) return *error;
    auto* found = find_group(account, group);
    if (!found) return no_group();
    if (found->streams.contains(name)) return taken("log stream");
    make_stream(account, *found, name);
    return {};
}

Result<void> Logs::delete_stream(const Account& account, const std::string& group, const std::string& name) {
    if (auto stream = find_stream(account, group, name); !stream) return stream.error();
    context_.store.erase(stream_kind, stream_key(account, group, name));
    context_.store.erase_logs(group_key(account, group), name);
    find_group(account, group)->streams.erase(name);
    return {};
}

Result<Rejected_Log_Events> Logs::put_events(const Account& account, const std::string& group,
                                             const std::string& stream, std::vector<store::Log_Event> events) {
    auto found = find_stream(account, group, stream);
    if (!found) return found.error();
    if (auto error = bad_log_batch(events)) return *error;
    auto& to = *find_group(account, group);
    const auto rejected = reject_log_events(events, base::unix_ms(context_.now()), kept_from_ms(to));
    append_to(account, to, **found, std::move(events));
    return rejected;
}

}  // namespace osbot_aws::engine

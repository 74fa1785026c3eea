#include "engine/logs/logs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <osbot_aws/core/Json.hpp>
#include <regex>
#include <set>

#include "base/time_text.hpp"
#include "engine/logs/filter_pattern.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view group_kind = "log_group", stream_kind = "log_stream";

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
constexpr std::size_t page_bytes_max = 1 << 20, bytes_per_event = 26;
// botocore, logs/2014-03-28/service-2.json, LogGroupClass
constexpr std::array<std::string_view, 3> log_classes{"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"};
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
constexpr std::size_t live_tail_groups_max = 10;
// One FilterLogEvents looks at this many events at most, then answers with a token: it runs on the loop.
constexpr int filter_events_looked_at_max = 100'000, filter_events_per_read = 5'000;
// Expired events leave in batches: an erase is a write.
constexpr std::int64_t minute_ms = 60'000, day_ms = 24 * 60 * minute_ms;

Error no_group() { return {"ResourceNotFoundException", "The specified log group does not exist."}; }
Error no_stream() { return {"ResourceNotFoundException", "The specified log stream does not exist."}; }
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

store::Log_Position position_of(const store::Found_Log_Event& event) { return {event.timestamp_ms, event.sequence}; }

// As long as AWS's and as opaque: a direction, 56 digits, "/s".
std::string token_text(char direction, const store::Log_Position& at) {
    return fmt::format("{}/{:028}{:028}/s", direction, at.timestamp_ms, at.sequence);
}

std::optional<std::pair<char, store::Log_Position>> parse_token(const std::string& token) {
    static const std::regex shape{R"(([fb])/(\d{28})(\d{28})/s)"};
    std::smatch parts;
    if (!std::regex_match(token, parts, shape)) return std::nullopt;
    // 28 digits that do not fit are no token of ours.
    const auto number = [](const std::string& digits) -> std::optional<std::int64_t> {
        if (digits.substr(0, 10) != "0000000000") return std::nullopt;
        return std::stoll(digits);
    };
    const auto timestamp_ms = number(parts[2]), sequence = number(parts[3]);
    if (!timestamp_ms || !sequence) return std::nullopt;
    return std::pair{token[0], store::Log_Position{*timestamp_ms, *sequence}};
}

// From the front, as many as fit into one answer.
void keep_what_fits(std::vector<store::Found_Log_Event>& events) {
    std::size_t bytes = 0, count = 0;
    while (count < events.size()) {
        bytes += events[count].message.size() + bytes_per_event;
        if (bytes > page_bytes_max && count > 0) break;
        ++count;
    }
    events.resize(count);
}

bool contains_without_case(std::string_view text, std::string_view part) {
    const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
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
        const auto json = Json::parse(record.value);
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
        const auto json = Json::parse(record.value);
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
    context_.store.put(group_kind, group_key(account, group.shown.name), json.dump());
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
    context_.store.put(stream_kind, stream_key(account, group.shown.name, name), json.dump());
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

Result<Page<Log_Group>> Logs::describe_groups(const Account& account, const Describe_Log_Groups& wanted) const {
    if (auto error = bad_log_limit(wanted.limit, 50)) return *error;
    if (!wanted.prefix.empty() && !wanted.pattern.empty()) {
        return bad_log_parameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    Page<Log_Group> page;
    const auto groups = groups_.find(account);
    if (groups == groups_.end()) return page;
    for (auto group = groups->second.upper_bound(wanted.after); group != groups->second.end(); ++group) {
        const auto& name = group->first;
        if (!name.starts_with(wanted.prefix) || !contains_without_case(name, wanted.pattern)) continue;
        if (static_cast<int>(page.items.size()) == wanted.limit) {
            page.next_token = page.items.back().name;
            break;
        }
        page.items.push_back(group->second.shown);
    }
    return page;
}

void Logs::look_up_times(const Account& account, const Group& group, Stream& stream) {
    if (stream.times_known) return;
    auto query = query_of(account, group);
    query.stream = stream.shown.name;
    query.limit = 1;
    stream.shown.first_event_ms = stream.shown.last_event_ms = std::nullopt;
    for (const auto& oldest : context_.store.find_logs(query)) stream.shown.first_event_ms = oldest.timestamp_ms;
    query.newest_first = true;
    for (const auto& newest : context_.store.find_logs(query)) {
        stream.shown.last_event_ms = newest.timestamp_ms;
        stream.shown.last_ingestion_ms = newest.ingestion_ms;
    }
    stream.times_known = true;
}

Result<Page<Log_Stream>> Logs::describe_streams(const Account& account, const Describe_Log_Streams& wanted) {
    if (auto error = bad_log_limit(wanted.limit, 50)) return *error;
    if (wanted.by_last_event && !wanted.prefix.empty()) {
        return bad_log_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    auto* group = find_group(account, wanted.group);
    if (!group) return no_group();

    std::vector<const Log_Stream*> streams;
    for (auto& [name, stream] : group->streams) {
        if (!name.starts_with(wanted.prefix)) continue;
        look_up_times(account, *group, stream);
        streams.push_back(&stream.shown);
    }
    if (wanted.by_last_event) {
        std::ranges::stable_sort(streams, {},
                                 [](const Log_Stream* s) { return s->last_event_ms.value_or(s->created_ms); });
    }
    if (wanted.descending) std::ranges::reverse(streams);

    auto next = streams.begin();
    if (!wanted.after.empty()) {
        next = std::ranges::find(streams, wanted.after, &Log_Stream::name);
        if (next == streams.end()) return bad_log_parameter("The specified nextToken is invalid.");
        ++next;
    }
    Page<Log_Stream> page;
    for (; next != streams.end(); ++next) {
        if (static_cast<int>(page.items.size()) == wanted.limit) {
            page.next_token = page.items.back().name;
            break;
        }
        page.items.push_back(**next);
    }
    return page;
}

Result<Log_Events_Page> Logs::get_events(const Account& account, const Get_Log_Events& wanted) {
    if (auto error = bad_log_limit(wanted.limit, 10'000)) return *error;
    if (auto stream = find_stream(account, wanted.group, wanted.stream); !stream) return stream.error();

    auto query = query_of(account, *find_group(account, wanted.group));
    query.stream = wanted.stream;
    query.start_ms = std::max(query.start_ms, wanted.start_ms);  // none is before any
    query.end_ms = wanted.end_ms;
    query.newest_first = !wanted.from_head;
    query.limit = wanted.limit;
    store::Log_Position before_first, after_last;  // where to go on when this page is empty
    if (!wanted.token.empty()) {
        const auto token = parse_token(wanted.token);
        if (!token) return bad_log_parameter("The specified nextToken is invalid.");
        const auto& [direction, at] = *token;
        query.newest_first = direction == 'b';
        (direction == 'b' ? query.before : query.after) = at;
        // Both ends meet between two events: what one token leaves out the other brings.
        before_first = direction == 'b' ? at : store::Log_Position{at.timestamp_ms, at.sequence + 1};
        after_last =
            direction == 'f' ? at : store::Log_Position{at.timestamp_ms, std::max<std::int64_t>(at.sequence - 1, 0)};
    }

    Log_Events_Page page{.events = context_.store.find_logs(query)};
    keep_what_fits(page.events);
    if (query.newest_first) std::ranges::reverse(page.events);
    if (!page.events.empty()) {
        before_first = position_of(page.events.front());
        after_last = position_of(page.events.back());
    }
    page.forward_token = token_text('f', after_last);
    page.backward_token = token_text('b', before_first);
    return page;
}

Result<Filtered_Log_Events> Logs::filter_events(const Account& account, const Filter_Log_Events& wanted) {
    if (auto error = bad_log_limit(wanted.limit, 10'000)) return *error;
    if (!wanted.streams.empty() && !wanted.stream_prefix.empty()) {
        return bad_log_parameter("Cannot specify both logStreamNames and logStreamNamePrefix.");
    }
    const auto pattern = Filter_Pattern::parse(wanted.pattern);
    if (!pattern) return pattern.error();
    const auto* group = find_group(account, wanted.group);
    if (!group) return no_group();
    for (const auto& name : wanted.streams) {
        if (!group->streams.contains(name)) return no_stream();
    }

    auto query = query_of(account, *group);
    query.start_ms = std::max(query.start_ms, wanted.start_ms);  // none is before any
    query.end_ms = wanted.end_ms;
    query.limit = filter_events_per_read;
    if (wanted.streams.size() == 1) query.stream = wanted.streams.front();
    if (!wanted.token.empty()) {
        const auto token = parse_token(wanted.token);
        if (!token) return bad_log_parameter("The specified nextToken is invalid.");
        query.after = token->second;
    }
    const std::set<std::string> only(wanted.streams.begin(), wanted.streams.end());

    Filtered_Log_Events found;
    std::size_t bytes = 0;
    for (int looked_at = 0; looked_at < filter_events_looked_at_max;) {
        auto events = context_.store.find_logs(query);
        for (auto& event : events) {
            const bool in_stream =
                (only.empty() || only.contains(event.stream)) && event.stream.starts_with(wanted.stream_prefix);
            if (in_stream && pattern->matches(event.message)) {
                bytes += event.message.size() + bytes_per_event;
                const bool full = static_cast<int>(found.events.size()) == wanted.limit || bytes > page_bytes_max;
                if (full && !found.events.empty()) {
                    found.next_token = token_text('f', *query.after);
                    return found;
                }
                query.after = position_of(event);
                found.events.push_back(std::move(event));
            } else {
                query.after = position_of(event);
            }
        }
        looked_at += static_cast<int>(events.size());
        if (static_cast<int>(events.size()) < query.limit) return found;
    }
    found.next_token = token_text('f', *query.after);
    return found;
}

// The order of the checks is the order of the parameters' documentation (API_StartLiveTail).
Result<void> Logs::start_live_tail(const Account& account, const Start_Live_Tail& wanted,
                                   std::unique_ptr<Live_Tail_Viewer> viewer) {
    if (wanted.groups.empty() || wanted.groups.size() > live_tail_groups_max) {
        return unsatisfied_log_parameter(fmt::format("[{}]", fmt::join(wanted.groups, ", ")), "logGroupIdentifiers",
                                         wanted.groups.empty() ? "Member must have length greater than or equal to 1"
                                                               : "Member must have length less than or equal to 10");
    }
    if (!wanted.streams.empty() && !wanted.stream_prefixes.empty()) {
        return bad_log_parameter("Cannot specify both logStreamNames and logStreamNamePrefixes.");
    }
    if (wanted.groups.size() > 1 && !(wanted.streams.empty() && wanted.stream_prefixes.empty())) {
        return bad_log_parameter(
            "logStreamNames and logStreamNamePrefixes can only be specified with a single log group.");
    }
    auto pattern = Filter_Pattern::parse(wanted.pattern);
    if (!pattern) return bad_log_parameter("Invalid filter pattern: " + pattern.error().message);
    Live_Tail::Wanted session{.account = account,
                              .groups = {},
                              .streams = wanted.streams,
                              .stream_prefixes = wanted.stream_prefixes,
                              .pattern = std::move(*pattern)};
    for (const auto& arn : wanted.groups) {
        const auto prefix = log_group_arn(account, "");
        if (!arn.starts_with("arn:") || arn.ends_with('*')) {
            return bad_log_parameter(
                fmt::format("Invalid log group identifier: {}. Specify the ARN of a log group, without an "
                            "asterisk at its end.",
                            arn));
        }
        if (!arn.starts_with(prefix) || !find_group(account, arn.substr(prefix.size()))) return no_group();
        session.groups.insert(arn.substr(prefix.size()));
    }
    return live_tail_.start(std::move(session), std::move(viewer));
}

}  // namespace osbot_aws::engine

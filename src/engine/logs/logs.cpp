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
// One FilterLogEvents looks at this many events at most, then answers with a token: it runs on the loop.
constexpr int filter_events_looked_at_max = 100'000, filter_events_per_read = 5'000;
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
constexpr std::array retention_days_allowed{1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                            365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

Error no_group() { return {"ResourceNotFoundException", "The specified log group does not exist."}; }
Error no_stream() { return {"ResourceNotFoundException", "The specified log stream does not exist."}; }
Error taken(std::string_view what) {
    return {"ResourceAlreadyExistsException", fmt::format("The specified {} already exists", what)};
}
Error bad(std::string message) { return {"InvalidParameterException", std::move(message)}; }
Error unsatisfied(std::string_view value, std::string_view member, std::string_view constraint) {
    return bad(fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}", value,
                           member, constraint));
}

// ':' is in neither an account, a region nor a name.
std::string group_key(const Account& account, std::string_view group) {
    return fmt::format("{}:{}:{}", account.id, account.region, group);
}
std::string stream_key(const Account& account, std::string_view group, std::string_view stream) {
    return fmt::format("{}:{}", group_key(account, group), stream);
}

std::string group_arn(const Account& account, std::string_view group) {
    return fmt::format("arn:aws:logs:{}:{}:log-group:{}", account.region, account.id, group);
}

std::optional<Error> bad_group_name(const std::string& name) {
    static const std::regex allowed{R"([.\-_/#A-Za-z0-9]+)"};
    if (name.empty() || name.size() > 512) {
        return unsatisfied(name, "logGroupName", "Member must have length between 1 and 512");
    }
    if (!std::regex_match(name, allowed)) {
        return unsatisfied(name, "logGroupName",
                           "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+");
    }
    return std::nullopt;
}

std::optional<Error> bad_stream_name(const std::string& name) {
    if (name.empty() || name.size() > 512) {
        return unsatisfied(name, "logStreamName", "Member must have length between 1 and 512");
    }
    if (name.find_first_of(":*") != std::string::npos) {
        return unsatisfied(name, "logStreamName", "Member must satisfy regular expression pattern: [^:*]*");
    }
    return std::nullopt;
}

std::optional<Error> bad_limit(int limit, int max) {
    if (limit < 1)
        return unsatisfied(std::to_string(limit), "limit", "Member must have value greater than or equal to 1");
    if (limit > max) {
        return unsatisfied(std::to_string(limit), "limit",
                           fmt::format("Member must have value less than or equal to {}", max));
    }
    return std::nullopt;
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

void Logs::load() {
    groups_.clear();
    for (const auto& record : context_.store.load(group_kind)) {
        const auto json = Json::parse(record.value);
        const Account account{json.at("account"), json.at("region")};
        Log_Group shown{.name = json.at("name"), .created_ms = json.at("created_ms")};
        shown.arn = group_arn(account, shown.name);
        if (json.contains("retention_days")) shown.retention_days = json.at("retention_days").get<int>();
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

Logs::Group& Logs::make_group(const Account& account, const std::string& name) {
    auto& group = groups_[account][name];
    group.shown = {.name = name, .arn = group_arn(account, name), .created_ms = base::unix_ms(context_.now())};
    save(account, group);
    return group;
}

void Logs::save(const Account& account, const Group& group) {
    Json json{{"account", account.id},
              {"region", account.region},
              {"name", group.shown.name},
              {"created_ms", group.shown.created_ms}};
    if (group.shown.retention_days) json["retention_days"] = *group.shown.retention_days;
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
    if (!found) found = &make_group(account, group);
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
    context_.store.append_log(group_key(account, group.shown.name), shown.name, std::move(events));
}

Result<void> Logs::create_group(const Account& account, const std::string& name) {
    if (auto error = bad_group_name(name)) return *error;
    if (find_group(account, name)) return taken("log group");
    make_group(account, name);
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
    auto* group = find_group(account, name);
    if (!group) return no_group();
    if (days && std::ranges::find(retention_days_allowed, *days) == retention_days_allowed.end()) {
        return unsatisfied(
            std::to_string(*days), "retentionInDays",
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(retention_days_allowed, ", ")));
    }
    group->shown.retention_days = days;
    save(account, *group);
    return {};
}

Result<void> Logs::create_stream(const Account& account, const std::string& group, const std::string& name) {
    if (auto error = bad_stream_name(name)) return *error;
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

Result<void> Logs::put_events(const Account& account, const std::string& group, const std::string& stream,
                              std::vector<store::Log_Event> events) {
    auto found = find_stream(account, group, stream);
    if (!found) return found.error();
    const auto earlier = [](const auto& a, const auto& b) { return a.timestamp_ms < b.timestamp_ms; };
    if (!std::ranges::is_sorted(events, earlier)) {
        return bad("Log events in a single PutLogEvents request must be in chronological order.");
    }
    append_to(account, *find_group(account, group), **found, std::move(events));
    return {};
}

Page<Log_Group> Logs::describe_groups(const Account& account, const Describe_Log_Groups& wanted) const {
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

void Logs::look_up_times(const Account& account, const std::string& group, Stream& stream) {
    if (stream.times_known) return;
    store::Log_Query query{.group = group_key(account, group), .stream = stream.shown.name, .limit = 1};
    for (const auto& oldest : context_.store.find_logs(query)) stream.shown.first_event_ms = oldest.timestamp_ms;
    query.newest_first = true;
    for (const auto& newest : context_.store.find_logs(query)) {
        stream.shown.last_event_ms = newest.timestamp_ms;
        stream.shown.last_ingestion_ms = newest.ingestion_ms;
    }
    stream.times_known = true;
}

Result<Page<Log_Stream>> Logs::describe_streams(const Account& account, const Describe_Log_Streams& wanted) {
    if (auto error = bad_limit(wanted.limit, 50)) return *error;
    if (wanted.by_last_event && !wanted.prefix.empty()) {
        return bad("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    auto* group = find_group(account, wanted.group);
    if (!group) return no_group();

    std::vector<const Log_Stream*> streams;
    for (auto& [name, stream] : group->streams) {
        if (!name.starts_with(wanted.prefix)) continue;
        look_up_times(account, wanted.group, stream);
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
        if (next == streams.end()) return bad("The specified nextToken is invalid.");
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
    if (auto error = bad_limit(wanted.limit, 10'000)) return *error;
    if (auto stream = find_stream(account, wanted.group, wanted.stream); !stream) return stream.error();

    store::Log_Query query{.group = group_key(account, wanted.group),
                           .stream = wanted.stream,
                           .start_ms = wanted.start_ms,
                           .end_ms = wanted.end_ms,
                           .newest_first = !wanted.from_head,
                           .limit = wanted.limit};
    store::Log_Position before_first, after_last;  // where to go on when this page is empty
    if (!wanted.token.empty()) {
        const auto token = parse_token(wanted.token);
        if (!token) return bad("The specified nextToken is invalid.");
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
    if (auto error = bad_limit(wanted.limit, 10'000)) return *error;
    if (!wanted.streams.empty() && !wanted.stream_prefix.empty()) {
        return bad("Cannot specify both logStreamNames and logStreamNamePrefix.");
    }
    const auto pattern = Filter_Pattern::parse(wanted.pattern);
    if (!pattern) return pattern.error();
    const auto* group = find_group(account, wanted.group);
    if (!group) return no_group();
    for (const auto& name : wanted.streams) {
        if (!group->streams.contains(name)) return no_stream();
    }

    store::Log_Query query{.group = group_key(account, wanted.group),
                           .start_ms = wanted.start_ms,
                           .end_ms = wanted.end_ms,
                           .limit = filter_events_per_read};
    if (wanted.streams.size() == 1) query.stream = wanted.streams.front();
    if (!wanted.token.empty()) {
        const auto token = parse_token(wanted.token);
        if (!token) return bad("The specified nextToken is invalid.");
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

}  // namespace osbot_aws::engine

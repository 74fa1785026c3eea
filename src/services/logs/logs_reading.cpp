// The read operations of Logs: groups, streams and events.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <set>
#include <utility>

#include "base/characters.hpp"
#include "services/logs/filter_pattern.hpp"
#include "services/logs/log_rules.hpp"
#include "services/logs/logs.hpp"
#include "store/log_sizes.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
constexpr std::uint64_t page_bytes_max = 1 << 20;
// Limits of the events that one FilterLogEvents scans before it returns a token, because it runs on the loop.
constexpr std::uint64_t filter_bytes_scanned_max = 64 << 20, filter_bytes_per_read = 4 << 20;
constexpr std::int64_t newest_first_start_ms = 1'704'067'200'000;  // 2024-01-01, API_FilterLogEvents
constexpr int filter_events_scanned_max = 100'000, filter_events_per_read = 5'000;

store::Log_Position position_of(const store::Found_Log_Event& event) { return {event.timestamp_ms, event.sequence}; }

// Formats a token of the same length as AWS's: a direction, 56 digits, "/s".
std::string token_text(char direction, const store::Log_Position& at) {
    return fmt::format("{}/{:028}{:028}/s", direction, at.timestamp_ms, at.sequence);
}

std::optional<std::pair<char, store::Log_Position>> parse_token(const std::string& token) {
    constexpr std::size_t number_digits = 28, numbers_at = 2, end_at = numbers_at + 2 * number_digits;
    if (token.size() != end_at + 2 || !token.ends_with("/s")) return std::nullopt;
    if (!token.starts_with("f/") && !token.starts_with("b/")) return std::nullopt;
    if (!base::consists_of(std::string_view(token).substr(numbers_at, 2 * number_digits), base::is_digit))
        return std::nullopt;
    // A number of more than 18 digits is not from a token of this engine.
    const auto number = [](const std::string& digits) -> std::optional<std::int64_t> {
        if (digits.substr(0, 10) != "0000000000") return std::nullopt;
        return std::stoll(digits);
    };
    const auto timestamp_ms = number(token.substr(numbers_at, number_digits)),
               sequence = number(token.substr(numbers_at + number_digits, number_digits));
    if (!timestamp_ms || !sequence) return std::nullopt;
    return std::pair{token[0], store::Log_Position{*timestamp_ms, *sequence}};
}

/// Truncates the events to those that fit into one response.
void truncate_to_page(std::vector<store::Found_Log_Event>& events) {
    std::uint64_t bytes = 0;
    const auto exceeds = [&](const auto& event) { return (bytes += store::log_event_bytes(event)) > page_bytes_max; };
    const auto end = std::ranges::find_if(events, exceeds);
    if (end != events.begin()) events.erase(end, events.end());
}

/// Returns true if the list is empty or contains the value.
bool selects(const std::vector<std::string>& values, const std::string& value) {
    return values.empty() || std::ranges::find(values, value) != values.end();
}

/// The two classes for infrequent access are listed together (API_DescribeLogGroups, logGroupClass).
bool is_of_class(const std::string& selected, const std::string& log_class) {
    const auto is_infrequent = [](const std::string& name) {
        return name == "INFREQUENT_ACCESS" || name == "ESSENTIALS";
    };
    return selected.empty() || selected == log_class || (is_infrequent(selected) && is_infrequent(log_class));
}

bool contains_without_case(std::string_view text, std::string_view part) {
    const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

}  // namespace

Result<Page<Log_Group>> Logs::describe_groups(const Account& account, const Describe_Log_Groups& request) const {
    if (!request.prefix.empty() && !request.pattern.empty()) {
        return bad_log_parameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    Page<Log_Group> page;
    const auto groups = groups_.find(account);
    if (groups == groups_.end() || !selects(request.accounts, account.id)) return page;
    for (auto group = groups->second.upper_bound(request.after); group != groups->second.end(); ++group) {
        const auto& name = group->first;
        if (!name.starts_with(request.prefix) || !contains_without_case(name, request.pattern)) continue;
        if (!selects(request.names, name) || !is_of_class(request.log_class, group->second.info.log_class)) continue;
        if (static_cast<int>(page.items.size()) == request.limit) {
            page.next_token = page.items.back().name;
            break;
        }
        page.items.push_back(group->second.info);
    }
    return page;
}

Result<const Log_Group*> Logs::group(const Account& account, const std::string& name) const {
    const Group* found = find_group(account, name);
    if (!found) return no_group();
    return &found->info;
}

std::vector<std::string> Logs::stream_names(const Account& account, const std::string& group) const {
    std::vector<std::string> names;
    if (const Group* found = find_group(account, group))
        for (const auto& [name, stream] : found->streams) names.push_back(name);
    return names;
}

std::uint64_t Logs::stored_bytes(const Log_Group& group) const {
    return store::log_bytes(context_.store, log_group_key(group.account, group.name));
}

std::vector<store::Found_Log_Event> Logs::find(const Account& account, const std::string& group,
                                               store::Log_Query query) {
    const Group* found = find_group(account, group);
    if (!found) return {};
    query.group = log_group_key(account, group);
    query.start_ms = std::max(query.start_ms, retention_start_ms(*found));  // nullopt is less than any value
    return context_.store.find_logs(query);
}

Result<std::vector<store::Found_Log_Event>> Logs::try_find(const Account& account, const std::string& group,
                                                           store::Log_Query query) {
    try {
        return find(account, group, std::move(query));
    } catch (const Aws_Exception& unreadable) { return unreadable.error(); }
}

void Logs::look_up_times(const Account& account, const Group& group, Stream& stream) {
    if (stream.times_known) return;
    auto query = query_of(account, group);
    query.stream = stream.info.name;
    query.limit = 1;
    stream.info.first_event_ms = stream.info.last_event_ms = std::nullopt;
    for (const auto& oldest : context_.store.find_logs(query)) stream.info.first_event_ms = oldest.timestamp_ms;
    query.newest_first = true;
    for (const auto& newest : context_.store.find_logs(query)) {
        stream.info.last_event_ms = newest.timestamp_ms;
        stream.info.last_ingestion_ms = newest.ingestion_ms;
    }
    stream.times_known = true;
}

void Logs::look_up_times(const Account& account, Group& group) {
    const auto is_known = [](const auto& entry) { return entry.second.times_known; };
    if (std::ranges::all_of(group.streams, is_known)) return;
    const auto start_ms = retention_start_ms(group).value_or(std::numeric_limits<std::int64_t>::min());
    const auto times = context_.store.log_times(log_group_key(account, group.info.name), start_ms);
    for (auto& [name, stream] : group.streams) {
        if (std::exchange(stream.times_known, true)) continue;
        const auto found = times.find(name);
        stream.info.first_event_ms = stream.info.last_event_ms = std::nullopt;
        if (found == times.end()) continue;
        stream.info.first_event_ms = found->second.oldest_ms;
        stream.info.last_event_ms = found->second.newest_ms;
        stream.info.last_ingestion_ms = found->second.newest_ingestion_ms;
    }
}

Result<Page<Log_Stream>> Logs::describe_streams(const Account& account, const Describe_Log_Streams& request) {
    if (request.by_last_event && !request.prefix.empty()) {
        return bad_log_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    auto* group = find_group(account, request.group);
    if (!group) return no_group();

    if (request.by_last_event) look_up_times(account, *group);
    std::vector<Stream*> streams;
    for (auto& [name, stream] : group->streams)
        if (name.starts_with(request.prefix)) streams.push_back(&stream);
    if (request.by_last_event) {
        std::ranges::stable_sort(
            streams, {}, [](const Stream* each) { return each->info.last_event_ms.value_or(each->info.created_ms); });
    }
    if (request.descending) std::ranges::reverse(streams);

    const auto name_of = [](const Stream* stream) -> const std::string& { return stream->info.name; };
    auto next = streams.begin();
    if (!request.after.empty()) {
        next = std::ranges::find(streams, request.after, name_of);
        if (next != streams.end())
            ++next;
        else if (request.by_last_event)  // the place of a deleted stream in this order is not known
            return bad_log_parameter("The specified nextToken is invalid.");
        else
            next = std::ranges::find_if(streams, [&](const Stream* stream) {
                return request.descending ? name_of(stream) < request.after : name_of(stream) > request.after;
            });
    }
    Page<Log_Stream> page;
    for (; next != streams.end(); ++next) {
        if (static_cast<int>(page.items.size()) == request.limit) {
            page.next_token = page.items.back().name;
            break;
        }
        look_up_times(account, *group, **next);
        page.items.push_back((*next)->info);
    }
    return page;
}

Result<Log_Events_Page> Logs::get_events(const Account& account, const Get_Log_Events& request) {
    OSBOT_TRY(find_stream(account, request.group, request.stream));

    auto query = query_of(account, *find_group(account, request.group));
    query.stream = request.stream;
    query.start_ms = std::max(query.start_ms, request.start_ms);  // nullopt is less than any value
    query.end_ms = request.end_ms;
    query.newest_first = !request.from_head;
    query.limit = request.limit;
    query.bytes_max = page_bytes_max;
    store::Log_Position before_first, after_last;  // positions of the next tokens if this page is empty
    if (!request.token.empty()) {
        const auto token = parse_token(request.token);
        if (!token) return bad_log_parameter("The specified nextToken is invalid.");
        const auto& [direction, at] = *token;
        query.newest_first = direction == 'b';
        (direction == 'b' ? query.before : query.after) = at;
        // The two tokens of an empty page meet between two events: each returns what the other excludes.
        before_first = direction == 'b' ? at : store::Log_Position{at.timestamp_ms, at.sequence + 1};
        after_last =
            direction == 'f' ? at : store::Log_Position{at.timestamp_ms, std::max<std::int64_t>(at.sequence - 1, 0)};
    }

    Log_Events_Page page{.events = context_.store.find_logs(query)};
    truncate_to_page(page.events);
    if (query.newest_first) std::ranges::reverse(page.events);
    if (!page.events.empty()) {
        before_first = position_of(page.events.front());
        after_last = position_of(page.events.back());
    }
    page.forward_token = token_text('f', after_last);
    page.backward_token = token_text('b', before_first);
    return page;
}

Result<Filtered_Log_Events> Logs::filter_events(const Account& account, const Filter_Log_Events& request) {
    if (!request.streams.empty() && !request.stream_prefix.empty()) {
        return bad_log_parameter("Cannot specify both logStreamNames and logStreamNamePrefix.");
    }
    OSBOT_TRY(const auto pattern, Filter_Pattern::parse(request.pattern));
    const auto* group = find_group(account, request.group);
    if (!group) return no_group();
    for (const auto& name : request.streams) {
        if (!group->streams.contains(name)) return no_stream();
    }

    auto query = query_of(account, *group);
    query.start_ms = std::max(query.start_ms, request.start_ms);  // nullopt is less than any value
    query.end_ms = request.end_ms;
    query.limit = filter_events_per_read;
    query.bytes_max = filter_bytes_per_read;
    if (request.streams.size() == 1) query.stream = request.streams.front();
    query.newest_first = !request.from_head;
    std::optional<store::Log_Position> at;
    if (!request.token.empty()) {
        const auto token = parse_token(request.token);
        if (!token) return bad_log_parameter("The specified nextToken is invalid.");
        query.newest_first = token->first == 'b';
        at = token->second;
    } else if (!request.from_head && request.start_ms && *request.start_ms < newest_first_start_ms) {
        return bad_log_parameter("startFromHead can be false only if startTime is on or after 2024-01-01T00:00:00Z.");
    }
    const char direction = query.newest_first ? 'b' : 'f';
    const std::set<std::string> selected_streams(request.streams.begin(), request.streams.end());

    Filtered_Log_Events found;
    std::uint64_t bytes = 0, scanned_bytes = 0;
    for (int scanned = 0; scanned < filter_events_scanned_max && scanned_bytes < filter_bytes_scanned_max;) {
        (query.newest_first ? query.before : query.after) = at;
        auto events = context_.store.find_logs(query);
        const bool is_last = store::is_last_page(query, events);
        scanned_bytes += store::log_event_bytes(events);
        for (auto& event : events) {
            const auto position = position_of(event);
            const bool in_stream = (selected_streams.empty() || selected_streams.contains(event.stream)) &&
                                   event.stream.starts_with(request.stream_prefix);
            if (in_stream && pattern.matches(event.message)) {
                bytes += store::log_event_bytes(event);
                const bool full = static_cast<int>(found.events.size()) == request.limit || bytes > page_bytes_max;
                if (full && !found.events.empty()) {
                    found.next_token = token_text(direction, *at);
                    return found;
                }
                found.events.push_back(std::move(event));
            }
            at = position;
        }
        scanned += static_cast<int>(events.size());
        if (is_last) return found;
    }
    found.next_token = token_text(direction, *at);
    return found;
}

// Checks the parameters in the order of their documentation (API_StartLiveTail).
Result<void> Logs::start_live_tail(const Account& account, const Start_Live_Tail& request,
                                   std::unique_ptr<Live_Tail_Viewer> viewer) {
    if (!request.streams.empty() && !request.stream_prefixes.empty()) {
        return bad_log_parameter("Cannot specify both logStreamNames and logStreamNamePrefixes.");
    }
    if (request.groups.size() > 1 && !(request.streams.empty() && request.stream_prefixes.empty())) {
        return bad_log_parameter(
            "logStreamNames and logStreamNamePrefixes can only be specified with a single log group.");
    }
    auto pattern = Filter_Pattern::parse(request.pattern);
    if (!pattern) return bad_log_parameter("Invalid filter pattern: " + pattern.error().message);
    Live_Tail::Params params{.account = account,
                             .groups = {},
                             .streams = request.streams,
                             .stream_prefixes = request.stream_prefixes,
                             .pattern = std::move(*pattern)};
    for (const auto& arn : request.groups) {
        const auto prefix = log_group_arn(account, "");
        if (!arn.starts_with("arn:") || arn.ends_with('*')) {
            return bad_log_parameter(
                fmt::format("Invalid log group identifier: {}. Specify the ARN of a log group, without an "
                            "asterisk at its end.",
                            arn));
        }
        if (!arn.starts_with(prefix) || !find_group(account, arn.substr(prefix.size()))) return no_group();
        params.groups.insert(arn.substr(prefix.size()));
    }
    return live_tail_.start(std::move(params), std::move(viewer));
}

}  // namespace osbot_aws::services

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/models/models.hpp"
#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"
#include "services/logs/insights/insights_scanner.hpp"
#include "services/logs/insights/log_queries.hpp"
#include "services/logs/resources/resource_operations.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the names of the groups of a query, which exactly one of three members has, or else its command SOURCE.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Source.html
Result<std::vector<std::string>> groups_of_query(const Call& call) {
    const auto fields = call.fields();
    const bool one = fields.has("logGroupName"), names = fields.has("logGroupNames"),
               identifiers = fields.has("logGroupIdentifiers");
    if (!one && !names && !identifiers && Insights_Scanner(fields.text_or("queryString")).take_word("SOURCE"))
        return aws::not_implemented(aws::logs_model(), "StartQuery with SOURCE");
    if (one + names + identifiers != 1)
        return bad_log_parameter(
            "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified.");
    if (one) return std::vector{fields.text_or("logGroupName")};
    return log_group_names(call.account, fields.texts(names ? "logGroupNames" : "logGroupIdentifiers"));
}

void start_query(Log_Queries& queries, Call&& call, const Answer& answer) {
    const auto fields = call.fields();
    if (const std::string language = fields.text_or("queryLanguage", "CWLI"); language != "CWLI")
        return answer(
            aws::not_implemented(aws::logs_model(), fmt::format("StartQuery with queryLanguage {}", language)));
    auto groups = groups_of_query(call);
    if (!groups) return answer(groups.error());
    queries.start(call.account,
                  {.groups = std::move(*groups),
                   .text = fields.text_or("queryString"),
                   .start_s = fields.number("startTime").value_or(0),
                   .end_s = fields.number("endTime").value_or(0),
                   .limit = fields.integer("limit")},
                  [answer](Result<std::string> id) {
                      answer(id ? Result<Output>(Output(Json{{"queryId", *id}})) : id.error());
                  });
}

Result<Json> stop_query(Log_Queries& queries, const Call& call) {
    OSBOT_TRY(const bool stopped, queries.stop(call.account, call.fields().text_or("queryId")));
    if (!stopped) return bad_log_parameter("The specified query has already ended.");
    return Json{{"success", true}};
}

/// Returns the number in a token; 0 without a token.
Result<std::size_t> offset_of(const aws::Fields& fields) {
    const auto token = fields.text("nextToken");
    if (!token) return std::size_t{0};
    const auto offset = base::parse_number<std::size_t>(*token);
    if (!offset) return bad_log_parameter("The specified nextToken is invalid.");
    return *offset;
}

std::size_t page_size(const aws::Fields& fields, const char* member, std::size_t size_default) {
    return static_cast<std::size_t>(fields.number(member).value_or(static_cast<std::int64_t>(size_default)));
}

constexpr std::size_t result_page_max = 10'000, query_page_max = 1000, group_page_max = 500;
constexpr std::int64_t created_ms_max = 9'999'999'999'999;  ///< 13 digits

Result<Json> get_query_results(Log_Queries& queries, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const std::size_t offset, offset_of(fields));
    return queries.results(call.account, fields.text_or("queryId"), offset,
                           page_size(fields, "maxItems", result_page_max));
}

/// The place of a query in the list, the newest first. It does not change when others are started or forgotten.
std::string place_in_list(const Json& query) {
    const auto created = std::clamp<std::int64_t>(query.value("createTime", std::int64_t{0}), 0, created_ms_max);
    return fmt::format("{:013} {}", created_ms_max - created, query.value("queryId", ""));
}

Result<Json> describe_queries(Log_Queries& queries, const Call& call) {
    const auto fields = call.fields();
    const std::string after = fields.text_or("nextToken");
    const std::size_t max = page_size(fields, "maxResults", query_page_max);
    Json page = Json::array(), output = Json::object();
    const bool is_other_language = fields.text_or("queryLanguage", "CWLI") != "CWLI";
    if (!is_other_language)
        for (Json& query : queries.describe(call.account, fields.text_or("logGroupName"), fields.text_or("status"))) {
            if (place_in_list(query) <= after) continue;
            if (page.size() == max) {
                output["nextToken"] = place_in_list(page.back());
                break;
            }
            page.push_back(std::move(query));
        }
    output["queries"] = std::move(page);
    return output;
}

Result<Json> list_log_groups_for_query(Log_Queries& queries, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto groups, queries.groups(call.account, fields.text_or("queryId")));
    OSBOT_TRY(const std::size_t offset, offset_of(fields));
    const std::size_t begin = std::min(offset, groups.size());
    const std::size_t end = begin + std::min(page_size(fields, "maxResults", group_page_max), groups.size() - begin);
    Json output{{"logGroupIdentifiers", Json::array()}};
    for (std::size_t i = begin; i < end; ++i) output["logGroupIdentifiers"].push_back(groups[i]);
    if (end < groups.size()) output["nextToken"] = std::to_string(end);
    return output;
}

// ---- records ----

/// Returns the event that a pointer identifies, if it still exists.
std::shared_ptr<Insights_Event> find_record(Logs& logs, const Account& account, const std::string& pointer) {
    const auto text = base::base64_decode(pointer);
    if (!text) return nullptr;
    std::string_view rest = *text;
    std::array<std::string, 6> parts;  // as log_pointer() writes them
    for (auto& part : parts) part = base::take_until(rest, '\n');
    const auto timestamp = base::parse_number<std::int64_t>(parts[4]),
               sequence = base::parse_number<std::int64_t>(parts[5]);
    if (parts[0] != account.id || parts[1] != account.region || !timestamp || !sequence || *sequence < 1 ||
        !logs.group(account, parts[2]))
        return nullptr;
    store::Log_Query query{.group = "", .stream = parts[3]};
    query.after = store::Log_Position{*timestamp, *sequence - 1};
    query.limit = 1;
    auto found = logs.find(account, parts[2], std::move(query));
    if (found.empty() || found.front().sequence != *sequence) return nullptr;
    return insights_event(account, parts[2], std::move(found.front()));
}

Result<Json> get_log_record(Logs& logs, const Call& call) {
    const auto event = find_record(logs, call.account, call.fields().text_or("logRecordPointer"));
    if (!event) return bad_log_parameter("The specified logRecordPointer is invalid.");
    Json record{{"@ptr", event->pointer}};
    event->for_each_field([&](const std::string& name, const Insights_Value& value) { record[name] = text_of(value); });
    record["@timestamp"] = std::to_string(event->timestamp_ms);
    record["@ingestionTime"] = std::to_string(event->ingestion_ms);
    return Json{{"logRecord", std::move(record)}};
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogGroupFields.html
constexpr std::int64_t fields_before_ms = 8 * 60'000, fields_after_ms = 7 * 60'000;
// The engine's own limits: the events are read and parsed on the loop. AWS takes a sample, too.
constexpr int fields_events_max = 1000;
constexpr std::uint64_t fields_bytes_max = 4 << 20;

Result<Json> get_log_group_fields(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const auto name = fields.text("logGroupName"), identifier = fields.text("logGroupIdentifier");
    if (name.has_value() == identifier.has_value())
        return bad_log_parameter("Exactly one of logGroupName and logGroupIdentifier must be specified.");
    const std::string group = name ? *name : log_group_name(call.account, *identifier);
    OSBOT_TRY(logs.group(call.account, group));
    const auto time_s = fields.number("time");
    const auto now_ms = base::unix_ms(logs.context().now());
    store::Log_Query query{.group = "", .stream = ""};
    query.start_ms = time_s ? ms_of_query(*time_s) - fields_before_ms : now_ms - fields_before_ms - fields_after_ms;
    query.end_ms = time_s ? ms_of_query(*time_s) + fields_after_ms : now_ms + fields_after_ms;
    query.newest_first = true;
    query.limit = fields_events_max;
    query.bytes_max = fields_bytes_max;
    auto events = logs.find(call.account, group, std::move(query));
    std::map<std::string, std::size_t> counts;
    const std::size_t total = events.size();
    for (auto& event : events)
        insights_event(call.account, group, std::move(event))
            ->for_each_field([&](const std::string& field, const Insights_Value&) { ++counts[field]; });
    Json list = Json::array();
    for (const auto& [field, count] : counts) list.push_back({{"name", field}, {"percent", count * 100 / total}});
    std::stable_sort(list.begin(), list.end(),
                     [](const Json& a, const Json& b) { return a["percent"] > b["percent"]; });
    return Json{{"logGroupFields", std::move(list)}};
}

}  // namespace

Operations log_query_operations(Log_Queries& queries) {
    return {queries,
            {{"DescribeQueries", &describe_queries},
             {"GetQueryResults", &get_query_results},
             {"ListLogGroupsForQuery", &list_log_groups_for_query},
             {"StartQuery", &start_query},
             {"StopQuery", &stop_query}}};
}

Operations log_record_operations(Logs& logs) {
    return {logs, {{"GetLogGroupFields", &get_log_group_fields}, {"GetLogRecord", &get_log_record}}};
}

}  // namespace osbot_aws::services

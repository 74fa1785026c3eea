#include <algorithm>
#include <limits>

#include <osbot_aws/apis/Logs.hpp>

#include "base/error_codes.hpp"
#include "client/paging.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws {
namespace {

Result<Json> call(const Session& session, const std::string& operation, const Json& body) {
    return client_of(session).json11("logs", "Logs_20140328." + operation, body);
}

constexpr std::size_t all_items = std::numeric_limits<std::size_t>::max();
constexpr std::size_t events_per_page_max = 10'000;  // API_FilterLogEvents.html

Json list(const Session& session, const std::string& operation, const char* items, Json body,
          std::size_t stop_after = all_items) {
    return client::all_pages(
               {items, "nextToken"},
               [&](const std::string& token) {
                   if (!token.empty()) body["nextToken"] = token;
                   return call(session, operation, body);
               },
               stop_after)
        .value();
}

}  // namespace

Logs::Logs(std::string group_name, Session session)
    : group_name_(std::move(group_name)), session_(std::move(session)) {}

Json Logs::group_info() const {
    for (const Json& group : list(session_, "DescribeLogGroups", "logGroups", {{"logGroupNamePrefix", group_name_}})) {
        if (group.value("logGroupName", "") == group_name_) return group;
    }
    return nullptr;
}

bool Logs::group_create() {
    return value_unless("ResourceAlreadyExistsException",
                        call(session_, "CreateLogGroup", {{"logGroupName", group_name_}}))
        .has_value();
}

bool Logs::delete_() {
    return value_unless(codes::resource_not_found, call(session_, "DeleteLogGroup", {{"logGroupName", group_name_}}))
        .has_value();
}

Json Logs::streams() const {
    return list(session_, "DescribeLogStreams", "logStreams",
                {{"logGroupName", group_name_}, {"orderBy", "LastEventTime"}, {"descending", true}});
}

Json Logs::events(const Log_Query& query) const {
    Json body{{"logGroupName", group_name_}};
    if (!query.log_stream_prefix.empty()) body["logStreamNamePrefix"] = query.log_stream_prefix;
    if (query.start_time != 0) body["startTime"] = query.start_time;
    if (query.end_time != 0) body["endTime"] = query.end_time;
    if (!query.filter_pattern.empty()) body["filterPattern"] = query.filter_pattern;
    if (query.limit == 0) return list(session_, "FilterLogEvents", "events", std::move(body));
    body["limit"] = std::min(query.limit, events_per_page_max);
    Json first = list(session_, "FilterLogEvents", "events", std::move(body), query.limit);
    if (first.size() > query.limit) first.erase(first.begin() + static_cast<std::ptrdiff_t>(query.limit), first.end());
    return first;
}

std::vector<std::string> Logs::messages(const Log_Query& query) const {
    std::vector<std::string> texts;
    for (const Json& event : events(query)) texts.push_back(event.at("message").get<std::string>());
    return texts;
}

Json Logs::tail(std::size_t count, const std::string& filter_pattern) const {
    Json all = events({.filter_pattern = filter_pattern});
    if (all.size() > count) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(count));
    return all;
}

}  // namespace osbot_aws

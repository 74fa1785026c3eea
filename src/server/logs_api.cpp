#include "server/logs_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/random.hpp"
#include "server/json_fields.hpp"
#include "server/logs_live_tail.hpp"
#include "server/protocol_error.hpp"
#include "store/store.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::server {
namespace {

using engine::Account;
using engine::Logs;

Error missing(std::string_view member) {
    return engine::bad_log_parameter(fmt::format(
        "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
        member));
}

std::string required(Fields& fields, const char* name) {
    if (!fields.has(name)) fields.fail(missing(name));
    return fields.text(name).value_or("");
}

/// Returns logGroupName, or the name in logGroupIdentifier (a name or an ARN).
std::string group_of(Fields& fields) {
    if (!fields.has("logGroupIdentifier")) return required(fields, "logGroupName");
    if (fields.has("logGroupName")) {
        fields.fail(engine::bad_log_parameter("Only one of logGroupName and logGroupIdentifier can be specified."));
    }
    auto identifier = fields.text("logGroupIdentifier").value_or("");
    constexpr std::string_view before_name = ":log-group:";
    const auto at = identifier.starts_with("arn:") ? identifier.find(before_name) : std::string::npos;
    if (at == std::string::npos) return identifier;
    auto name = identifier.substr(at + before_name.size());
    return name.substr(0, name.find(':'));
}

int limit_of(Fields& fields, int default_limit) {
    constexpr std::int64_t none = 0,
                           too_many =
                               1'000'000;  // out of range, so both are rejected; larger numbers may not fit an int
    return static_cast<int>(std::clamp(fields.number("limit").value_or(default_limit), none, too_many));
}

/// Returns a field with one of two values; the first is the default.
std::string choice(Fields& fields, const char* name, const char* first, const char* second) {
    const auto value = fields.text(name).value_or(first);
    if (value != first && value != second) {
        fields.fail(engine::unsatisfied_log_parameter(
            value, name, fmt::format("Member must satisfy enum value set: [{}, {}]", first, second)));
    }
    return value;
}

void set_if(Json& json, const char* name, const std::optional<std::int64_t>& value) {
    if (value) json[name] = *value;
}
void set_if(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
}

Json to_json(const engine::Log_Group& group) {
    Json json{{"logGroupName", group.name},       {"arn", group.arn + ":*"}, {"logGroupArn", group.arn},
              {"creationTime", group.created_ms}, {"metricFilterCount", 0},  {"storedBytes", 0},
              {"logGroupClass", group.log_class}};
    if (group.retention_days) json["retentionInDays"] = *group.retention_days;
    return json;
}

Json to_json(const engine::Log_Stream& stream) {
    Json json{
        {"logStreamName", stream.name}, {"arn", stream.arn}, {"creationTime", stream.created_ms}, {"storedBytes", 0}};
    set_if(json, "firstEventTimestamp", stream.first_event_ms);
    set_if(json, "lastEventTimestamp", stream.last_event_ms);
    set_if(json, "lastIngestionTime", stream.last_ingestion_ms);
    return json;
}

Json to_json(const store::Found_Log_Event& event) {
    return {{"timestamp", event.timestamp_ms}, {"message", event.message}, {"ingestionTime", event.ingestion_ms}};
}

template <class T>
Json to_json(const std::vector<T>& items) {
    Json list = Json::array();
    for (const auto& item : items) list.push_back(to_json(item));
    return list;
}

Result<Json> create_log_group(Logs& logs, const Account& account, Fields& fields) {
    const engine::Create_Log_Group params{.name = required(fields, "logGroupName"),
                                          .log_class = fields.text("logGroupClass").value_or("STANDARD"),
                                          .tags = fields.map("tags").value_or(engine::Log_Tags{})};
    if (fields.error()) return *fields.error();
    // Encryption is not supported, so a key must not be accepted.
    if (fields.has("kmsKeyId")) return wire::not_implemented("Logs", "CreateLogGroup with a kmsKeyId");
    return nothing(logs.create_group(account, params));
}

Result<Json> delete_log_group(Logs& logs, const Account& account, Fields& fields) {
    const auto name = required(fields, "logGroupName");
    if (fields.error()) return *fields.error();
    return nothing(logs.delete_group(account, name));
}

Result<Json> describe_log_groups(Logs& logs, const Account& account, Fields& fields) {
    const engine::Describe_Log_Groups params{.prefix = fields.text("logGroupNamePrefix").value_or(""),
                                             .pattern = fields.text("logGroupNamePattern").value_or(""),
                                             .after = fields.text("nextToken").value_or(""),
                                             .limit = limit_of(fields, 50)};
    if (fields.error()) return *fields.error();
    const auto page = logs.describe_groups(account, params);
    if (!page) return page.error();
    Json response{{"logGroups", to_json(page->items)}};
    set_if(response, "nextToken", page->next_token);
    return response;
}

Result<Json> put_retention_policy(Logs& logs, const Account& account, Fields& fields) {
    const auto name = required(fields, "logGroupName");
    const auto days = fields.number("retentionInDays");
    if (!fields.has("retentionInDays")) fields.fail(missing("retentionInDays"));
    if (fields.error()) return *fields.error();
    const bool fits = *days == static_cast<int>(*days);
    return nothing(logs.put_retention(account, name, fits ? static_cast<int>(*days) : 0));
}

Result<Json> delete_retention_policy(Logs& logs, const Account& account, Fields& fields) {
    const auto name = required(fields, "logGroupName");
    if (fields.error()) return *fields.error();
    return nothing(logs.put_retention(account, name, std::nullopt));
}

template <Result<void> (Logs::*Change)(const Account&, const std::string&, const std::string&)>
Result<Json> change_log_stream(Logs& logs, const Account& account, Fields& fields) {
    const auto group = required(fields, "logGroupName"), stream = required(fields, "logStreamName");
    if (fields.error()) return *fields.error();
    return nothing((logs.*Change)(account, group, stream));
}

Result<Json> describe_log_streams(Logs& logs, const Account& account, Fields& fields) {
    const engine::Describe_Log_Streams params{
        .group = group_of(fields),
        .prefix = fields.text("logStreamNamePrefix").value_or(""),
        .by_last_event = choice(fields, "orderBy", "LogStreamName", "LastEventTime") == "LastEventTime",
        .descending = fields.flag("descending"),
        .after = fields.text("nextToken").value_or(""),
        .limit = limit_of(fields, 50)};
    if (fields.error()) return *fields.error();
    const auto page = logs.describe_streams(account, params);
    if (!page) return page.error();
    Json response{{"logStreams", to_json(page->items)}};
    set_if(response, "nextToken", page->next_token);
    return response;
}

Result<std::vector<store::Log_Event>> events_of(const Json& list) {
    std::vector<store::Log_Event> events;
    for (const Json& item : list) {
        if (!item.is_object())
            return Error{"SerializationException", "Start of structure or map found where expected."};
        Fields event(item);
        for (const auto* member : {"timestamp", "message"}) {
            if (!event.has(member))
                event.fail(missing(fmt::format("logEvents.{}.member.{}", events.size() + 1, member)));
        }
        events.push_back(
            {.timestamp_ms = event.number("timestamp").value_or(0), .message = event.text("message").value_or("")});
        if (event.error()) return *event.error();
    }
    return events;
}

Result<Json> put_log_events(Logs& logs, const Account& account, Fields& fields) {
    const auto group = required(fields, "logGroupName"), stream = required(fields, "logStreamName");
    if (!fields.has("logEvents")) fields.fail(missing("logEvents"));
    auto events = events_of(fields.list("logEvents"));
    if (fields.error()) return *fields.error();
    if (!events) return events.error();
    const auto rejected = logs.put_events(account, group, stream, std::move(*events));
    if (!rejected) return rejected.error();

    Json response{{"nextSequenceToken", base::random_hex(56)}};  // AWS ignores tokens since 2023 but still returns them
    Json left_out = Json::object();
    const auto add = [&](const char* name, std::optional<std::size_t> index) {
        if (index) left_out[name] = *index;
    };
    add("tooNewLogEventStartIndex", rejected->too_new_from);
    add("tooOldLogEventEndIndex", rejected->too_old_to);
    add("expiredLogEventEndIndex", rejected->expired_to);
    if (!left_out.empty()) response["rejectedLogEventsInfo"] = std::move(left_out);
    return response;
}

Result<Json> get_log_events(Logs& logs, const Account& account, Fields& fields) {
    const engine::Get_Log_Events params{.group = group_of(fields),
                                        .stream = required(fields, "logStreamName"),
                                        .start_ms = fields.number("startTime"),
                                        .end_ms = fields.number("endTime"),
                                        .token = fields.text("nextToken").value_or(""),
                                        .from_head = fields.flag("startFromHead"),
                                        .limit = limit_of(fields, 10'000)};
    if (fields.error()) return *fields.error();
    const auto page = logs.get_events(account, params);
    if (!page) return page.error();
    return Json{{"events", to_json(page->events)},
                {"nextForwardToken", page->forward_token},
                {"nextBackwardToken", page->backward_token}};
}

Result<Json> filter_log_events(Logs& logs, const Account& account, Fields& fields) {
    const engine::Filter_Log_Events params{
        .group = group_of(fields),
        .streams = fields.texts("logStreamNames").value_or(std::vector<std::string>{}),
        .stream_prefix = fields.text("logStreamNamePrefix").value_or(""),
        .pattern = fields.text("filterPattern").value_or(""),
        .start_ms = fields.number("startTime"),
        .end_ms = fields.number("endTime"),
        .token = fields.text("nextToken").value_or(""),
        .limit = limit_of(fields, 10'000)};
    if (fields.error()) return *fields.error();
    const auto found = logs.filter_events(account, params);
    if (!found) return found.error();
    Json events = Json::array();
    for (const auto& event : found->events) {
        auto json = to_json(event);
        json["logStreamName"] = event.stream;
        json["eventId"] = fmt::format("{:028}{:028}", event.timestamp_ms, event.sequence);
        events.push_back(std::move(json));
    }
    Json response{{"events", std::move(events)}, {"searchedLogStreams", Json::array()}};
    set_if(response, "nextToken", found->next_token);
    return response;
}

// ---- tags: by ARN, or by name in older clients ----

using Resource_Of = std::string (*)(const Account&, Fields&);

std::string by_arn(const Account&, Fields& fields) { return required(fields, "resourceArn"); }
std::string by_name(const Account& account, Fields& fields) {
    return engine::log_group_arn(account, required(fields, "logGroupName"));
}

template <Resource_Of resource_of>
Result<Json> tag(Logs& logs, const Account& account, Fields& fields) {
    const auto arn = resource_of(account, fields);
    const auto tags = fields.map("tags");
    if (!fields.has("tags")) fields.fail(missing("tags"));
    if (fields.error()) return *fields.error();
    return nothing(logs.tag(account, arn, *tags));
}

template <Resource_Of resource_of>
Result<Json> untag(Logs& logs, const Account& account, Fields& fields) {
    const auto* member = resource_of == by_arn ? "tagKeys" : "tags";
    const auto arn = resource_of(account, fields);
    const auto keys = fields.texts(member);
    if (!fields.has(member)) fields.fail(missing(member));
    if (fields.error()) return *fields.error();
    return nothing(logs.untag(account, arn, *keys));
}

template <Resource_Of resource_of>
Result<Json> list_tags(Logs& logs, const Account& account, Fields& fields) {
    const auto arn = resource_of(account, fields);
    if (fields.error()) return *fields.error();
    const auto tags = logs.tags(account, arn);
    if (!tags) return tags.error();
    return Json{{"tags", *tags}};
}

using Logs_Operation = Result<Json> (*)(Logs&, const Account&, Fields&);

const std::map<std::string_view, Logs_Operation>& logs_operations() {
    static const std::map<std::string_view, Logs_Operation> all{
        {"CreateLogGroup", create_log_group},
        {"DeleteLogGroup", delete_log_group},
        {"DescribeLogGroups", describe_log_groups},
        {"PutRetentionPolicy", put_retention_policy},
        {"DeleteRetentionPolicy", delete_retention_policy},
        {"CreateLogStream", change_log_stream<&Logs::create_stream>},
        {"DeleteLogStream", change_log_stream<&Logs::delete_stream>},
        {"DescribeLogStreams", describe_log_streams},
        {"PutLogEvents", put_log_events},
        {"GetLogEvents", get_log_events},
        {"FilterLogEvents", filter_log_events},
        {"TagResource", tag<by_arn>},
        {"UntagResource", untag<by_arn>},
        {"ListTagsForResource", list_tags<by_arn>},
        {"TagLogGroup", tag<by_name>},
        {"UntagLogGroup", untag<by_name>},
        {"ListTagsLogGroup", list_tags<by_name>},
    };
    return all;
}

Result<Json> run(Logs& logs, const Account& account, std::string_view target, const Json& body) {
    const auto name = target.substr(target.rfind('.') == std::string_view::npos ? 0 : target.rfind('.') + 1);
    const auto operation = logs_operations().find(name);
    if (operation == logs_operations().end()) return wire::not_implemented("Logs", name);
    Fields fields(body);
    return operation->second(logs, account, fields);
}

wire::Response response_of(const Result<Json>& outcome, const std::string& request_id) {
    if (!outcome) return wire::json11_error(error_of_service("logs", outcome.error()), request_id);
    wire::Response response;
    response.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"x-amzn-RequestId", request_id}};
    // Responses of operations without output have an empty body, not {}.
    if (!outcome->empty()) response.body.bytes = base::dump_json_lossy(*outcome);
    return response;
}

}  // namespace

void Logs_Api::handle(const Account& account, wire::Request request, Reply reply) {
    const auto request_id = base::uuid4();
    if (request.headers["X-Amz-Target"].ends_with(".StartLiveTail")) {
        return reply(start_live_tail(logs_, account, request, request_id));
    }
    parse_json_object(context_.loop, std::move(request.body.bytes),
                      [this, account, request_id, target = std::string(request.headers["X-Amz-Target"]),
                       reply = std::move(reply)](const Result<Json>& body) {
                          reply(response_of(body ? run(logs_, account, target, *body) : body, request_id));
                      });
}

}  // namespace osbot_aws::server

#include "server/logs_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/random.hpp"
#include "server/json_fields.hpp"
#include "server/logs_live_tail.hpp"
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

/// logGroupName, or the name in logGroupIdentifier (a name or an ARN).
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

int limit_of(Fields& fields, int otherwise) {
    constexpr std::int64_t none = 0, too_many = 1'000'000;  // both are refused, with any number that an int can't hold
    return static_cast<int>(std::clamp(fields.number("limit").value_or(otherwise), none, too_many));
}

/// A choice of two words; the first is what it is when it isn't said.
std::string choice(Fields& fields, const char* name, const char* first, const char* second) {
    const auto said = fields.text(name).value_or(first);
    if (said != first && said != second) {
        fields.fail(engine::unsatisfied_log_parameter(
            said, name, fmt::format("Member must satisfy enum value set: [{}, {}]", first, second)));
    }
    return said;
}

void set_if(Json& json, const char* name, const std::optional<std::int64_t>& value) {
    if (value) json[name] = *value;
}
void set_if(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
}

Json shown(const engine::Log_Group& group) {
    Json json{{"logGroupName", group.name},       {"arn", group.arn + ":*"}, {"logGroupArn", group.arn},
              {"creationTime", group.created_ms}, {"metricFilterCount", 0},  {"storedBytes", 0},
              {"logGroupClass", group.log_class}};
    if (group.retention_days) json["retentionInDays"] = *group.retention_days;
    return json;
}

Json shown(const engine::Log_Stream& stream) {
    Json json{
        {"logStreamName", stream.name}, {"arn", stream.arn}, {"creationTime", stream.created_ms}, {"storedBytes", 0}};
    set_if(json, "firstEventTimestamp", stream.first_event_ms);
    set_if(json, "lastEventTimestamp", stream.last_event_ms);
    set_if(json, "lastIngestionTime", stream.last_ingestion_ms);
    return json;
}

Json shown(const store::Found_Log_Event& event) {
    return {{"timestamp", event.timestamp_ms}, {"message", event.message}, {"ingestionTime", event.ingestion_ms}};
}

template <class T>
Json shown(const std::vector<T>& items) {
    Json list = Json::array();
    for (const auto& item : items) list.push_back(shown(item));
    return list;
}

Result<Json> create_log_group(Logs& logs, const Account& account, Fields& asked) {
    const engine::Create_Log_Group wanted{.name = required(asked, "logGroupName"),
                                          .log_class = asked.text("logGroupClass").value_or("STANDARD"),
                                          .tags = asked.map("tags").value_or(engine::Log_Tags{})};
    if (asked.error()) return *asked.error();
    // Nothing here is encrypted, so it must not look as if it were.
    if (asked.has("kmsKeyId")) return wire::not_implemented("Logs", "CreateLogGroup with a kmsKeyId");
    return nothing(logs.create_group(account, wanted));
}

Result<Json> delete_log_group(Logs& logs, const Account& account, Fields& asked) {
    const auto name = required(asked, "logGroupName");
    if (asked.error()) return *asked.error();
    return nothing(logs.delete_group(account, name));
}

Result<Json> describe_log_groups(Logs& logs, const Account& account, Fields& asked) {
    const engine::Describe_Log_Groups wanted{.prefix = asked.text("logGroupNamePrefix").value_or(""),
                                             .pattern = asked.text("logGroupNamePattern").value_or(""),
                                             .after = asked.text("nextToken").value_or(""),
                                             .limit = limit_of(asked, 50)};
    if (asked.error()) return *asked.error();
    const auto page = logs.describe_groups(account, wanted);
    if (!page) return page.error();
    Json answer{{"logGroups", shown(page->items)}};
    set_if(answer, "nextToken", page->next_token);
    return answer;
}

Result<Json> put_retention_policy(Logs& logs, const Account& account, Fields& asked) {
    const auto name = required(asked, "logGroupName");
    const auto days = asked.number("retentionInDays");
    if (!asked.has("retentionInDays")) asked.fail(missing("retentionInDays"));
    if (asked.error()) return *asked.error();
    const bool fits = *days == static_cast<int>(*days);
    return nothing(logs.put_retention(account, name, fits ? static_cast<int>(*days) : 0));
}

Result<Json> delete_retention_policy(Logs& logs, const Account& account, Fields& asked) {
    const auto name = required(asked, "logGroupName");
    if (asked.error()) return *asked.error();
    return nothing(logs.put_retention(account, name, std::nullopt));
}

template <Result<void> (Logs::*Change)(const Account&, const std::string&, const std::string&)>
Result<Json> change_log_stream(Logs& logs, const Account& account, Fields& asked) {
    const auto group = required(asked, "logGroupName"), stream = required(asked, "logStreamName");
    if (asked.error()) return *asked.error();
    return nothing((logs.*Change)(account, group, stream));
}

Result<Json> describe_log_streams(Logs& logs, const Account& account, Fields& asked) {
    const engine::Describe_Log_Streams wanted{
        .group = group_of(asked),
        .prefix = asked.text("logStreamNamePrefix").value_or(""),
        .by_last_event = choice(asked, "orderBy", "LogStreamName", "LastEventTime") == "LastEventTime",
        .descending = asked.flag("descending"),
        .after = asked.text("nextToken").value_or(""),
        .limit = limit_of(asked, 50)};
    if (asked.error()) return *asked.error();
    const auto page = logs.describe_streams(account, wanted);
    if (!page) return page.error();
    Json answer{{"logStreams", shown(page->items)}};
    set_if(answer, "nextToken", page->next_token);
    return answer;
}

Result<std::vector<store::Log_Event>> events_of(const Json& list) {
    std::vector<store::Log_Event> events;
    for (const Json& one : list) {
        if (!one.is_object()) return Error{"SerializationException", "Start of structure or map found where expected."};
        Fields event(one);
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

Result<Json> put_log_events(Logs& logs, const Account& account, Fields& asked) {
    const auto group = required(asked, "logGroupName"), stream = required(asked, "logStreamName");
    if (!asked.has("logEvents")) asked.fail(missing("logEvents"));
    auto events = events_of(asked.list("logEvents"));
    if (asked.error()) return *asked.error();
    if (!events) return events.error();
    const auto rejected = logs.put_events(account, group, stream, std::move(*events));
    if (!rejected) return rejected.error();

    Json answer{{"nextSequenceToken", base::random_hex(56)}};  // not looked at since 2023, and still answered
    Json left_out = Json::object();
    const auto add = [&](const char* name, std::optional<std::size_t> index) {
        if (index) left_out[name] = *index;
    };
    add("tooNewLogEventStartIndex", rejected->too_new_from);
    add("tooOldLogEventEndIndex", rejected->too_old_to);
    add("expiredLogEventEndIndex", rejected->expired_to);
    if (!left_out.empty()) answer["rejectedLogEventsInfo"] = std::move(left_out);
    return answer;
}

Result<Json> get_log_events(Logs& logs, const Account& account, Fields& asked) {
    const engine::Get_Log_Events wanted{.group = group_of(asked),
                                        .stream = required(asked, "logStreamName"),
                                        .start_ms = asked.number("startTime"),
                                        .end_ms = asked.number("endTime"),
                                        .token = asked.text("nextToken").value_or(""),
                                        .from_head = asked.flag("startFromHead"),
                                        .limit = limit_of(asked, 10'000)};
    if (asked.error()) return *asked.error();
    const auto page = logs.get_events(account, wanted);
    if (!page) return page.error();
    return Json{{"events", shown(page->events)},
                {"nextForwardToken", page->forward_token},
                {"nextBackwardToken", page->backward_token}};
}

Result<Json> filter_log_events(Logs& logs, const Account& account, Fields& asked) {
    const engine::Filter_Log_Events wanted{
        .group = group_of(asked),
        .streams = asked.texts("logStreamNames").value_or(std::vector<std::string>{}),
        .stream_prefix = asked.text("logStreamNamePrefix").value_or(""),
        .pattern = asked.text("filterPattern").value_or(""),
        .start_ms = asked.number("startTime"),
        .end_ms = asked.number("endTime"),
        .token = asked.text("nextToken").value_or(""),
        .limit = limit_of(asked, 10'000)};
    if (asked.error()) return *asked.error();
    const auto found = logs.filter_events(account, wanted);
    if (!found) return found.error();
    Json events = Json::array();
    for (const auto& event : found->events) {
        auto json = shown(event);
        json["logStreamName"] = event.stream;
        json["eventId"] = fmt::format("{:028}{:028}", event.timestamp_ms, event.sequence);
        events.push_back(std::move(json));
    }
    Json answer{{"events", std::move(events)}, {"searchedLogStreams", Json::array()}};
    set_if(answer, "nextToken", found->next_token);
    return answer;
}

// ---- tags: by ARN, and by name as older clients do ----

using Resource_Of = std::string (*)(const Account&, Fields&);

std::string by_arn(const Account&, Fields& asked) { return required(asked, "resourceArn"); }
std::string by_name(const Account& account, Fields& asked) {
    return engine::log_group_arn(account, required(asked, "logGroupName"));
}

template <Resource_Of resource_of>
Result<Json> tag(Logs& logs, const Account& account, Fields& asked) {
    const auto arn = resource_of(account, asked);
    const auto tags = asked.map("tags");
    if (!asked.has("tags")) asked.fail(missing("tags"));
    if (asked.error()) return *asked.error();
    return nothing(logs.tag(account, arn, *tags));
}

template <Resource_Of resource_of>
Result<Json> untag(Logs& logs, const Account& account, Fields& asked) {
    const auto* member = resource_of == by_arn ? "tagKeys" : "tags";
    const auto arn = resource_of(account, asked);
    const auto keys = asked.texts(member);
    if (!asked.has(member)) asked.fail(missing(member));
    if (asked.error()) return *asked.error();
    return nothing(logs.untag(account, arn, *keys));
}

template <Resource_Of resource_of>
Result<Json> list_tags(Logs& logs, const Account& account, Fields& asked) {
    const auto arn = resource_of(account, asked);
    if (asked.error()) return *asked.error();
    const auto tags = logs.tags(account, arn);
    if (!tags) return tags.error();
    return Json{{"tags", *tags}};
}

using Operation = Result<Json> (*)(Logs&, const Account&, Fields&);

const std::map<std::string_view, Operation>& operations() {
    static const std::map<std::string_view, Operation> all{
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

Result<Json> run(Logs& logs, const Account& account, const wire::Request& request) {
    const auto target = request.headers["X-Amz-Target"];
    const auto name = target.substr(target.rfind('.') == std::string_view::npos ? 0 : target.rfind('.') + 1);
    const auto operation = operations().find(name);
    if (operation == operations().end()) return wire::not_implemented("Logs", name);
    const auto body = parse_json_object(request.body.bytes);
    if (!body) return body.error();
    Fields asked(*body);
    return operation->second(logs, account, asked);
}

}  // namespace

void Logs_Api::handle(const Account& account, wire::Request request, Reply reply) {
    const auto request_id = base::uuid4();
    if (request.headers["X-Amz-Target"].ends_with(".StartLiveTail")) {
        return reply(start_live_tail(logs_, account, request, request_id));
    }
    const auto outcome = run(logs_, account, request);
    if (!outcome) return reply(wire::json11_error(outcome.error(), request_id));

    wire::Response response;
    response.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"x-amzn-RequestId", request_id}};
    // Operations without output have no body at all.
    if (!outcome->empty()) response.body.bytes = base::dump_json_lossy(*outcome);
    reply(std::move(response));
}

}  // namespace osbot_aws::server

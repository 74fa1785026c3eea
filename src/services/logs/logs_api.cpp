#include "services/logs/logs_api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

constexpr int describe_limit_default = 50, events_limit_default = 10'000;

/// Returns the name in a name or an ARN.
std::string group_name(const std::string& identifier) {
    constexpr std::string_view before_name = ":log-group:";
    const auto at = identifier.starts_with("arn:") ? identifier.find(before_name) : std::string::npos;
    if (at == std::string::npos) return identifier;
    const std::string rest = identifier.substr(at + before_name.size());
    return rest.substr(0, rest.find(':'));
}

/// Returns logGroupName, or the name in logGroupIdentifier.
Result<std::string> group_of(const aws::Fields& fields) {
    const auto name = fields.text("logGroupName"), identifier = fields.text("logGroupIdentifier");
    if (name && identifier)
        return bad_log_parameter("Only one of logGroupName and logGroupIdentifier can be specified.");
    if (!identifier && !name) {
        return bad_log_parameter(
            "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not "
            "be null");
    }
    return identifier ? group_name(*identifier) : *name;
}

void set_if(Json& json, const char* name, const std::optional<std::int64_t>& value) {
    if (value) json[name] = *value;
}
void set_if(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
}

Json to_json(const Log_Group& group) {
    Json json{{"logGroupName", group.name},       {"arn", group.arn + ":*"},
              {"logGroupArn", group.arn},         {"creationTime", group.created_ms},
              {"metricFilterCount", 0},           {"storedBytes", 0},
              {"logGroupClass", group.log_class}, {"deletionProtectionEnabled", group.is_protected}};
    if (group.retention_days) json["retentionInDays"] = *group.retention_days;
    return json;
}

Json to_json(const Log_Stream& stream) {
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

/// Returns a page as `name`.
template <class T>
Result<Json> page_output(const char* name, const Result<Page<T>>& found) {
    OSBOT_TRY(const auto& page, found);
    Json output{{name, to_json(page.items)}};
    set_if(output, "nextToken", page.next_token);
    return output;
}

Result<Json> create_log_group(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    return no_output(logs.create_group(call.account, {.name = fields.text_or("logGroupName"),
                                                      .log_class = fields.text_or("logGroupClass", "STANDARD"),
                                                      .tags = fields.map("tags"),
                                                      .is_protected = fields.flag("deletionProtectionEnabled")}));
}

Result<Json> delete_log_group(Logs& logs, const Call& call) {
    return no_output(logs.delete_group(call.account, call.fields().text_or("logGroupName")));
}

Result<Json> put_deletion_protection(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    return no_output(logs.protect(call.account, group_name(fields.text_or("logGroupIdentifier")),
                                  fields.flag("deletionProtectionEnabled")));
}

Result<Json> describe_log_groups(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    auto names = fields.texts("logGroupIdentifiers");
    std::ranges::transform(names, names.begin(), group_name);
    return page_output(
        "logGroups",
        logs.describe_groups(call.account, {.prefix = fields.text_or("logGroupNamePrefix"),
                                            .pattern = fields.text_or("logGroupNamePattern"),
                                            .names = std::move(names),
                                            .accounts = fields.texts("accountIdentifiers"),
                                            .log_class = fields.text_or("logGroupClass"),
                                            .after = fields.text_or("nextToken"),
                                            .limit = fields.integer("limit").value_or(describe_limit_default)}));
}

Result<Json> put_retention_policy(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    return no_output(
        logs.put_retention(call.account, fields.text_or("logGroupName"), fields.integer("retentionInDays")));
}

Result<Json> delete_retention_policy(Logs& logs, const Call& call) {
    return no_output(logs.put_retention(call.account, call.fields().text_or("logGroupName"), std::nullopt));
}

template <Result<void> (Logs::*Change)(const Account&, const std::string&, const std::string&)>
Result<Json> change_log_stream(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    return no_output((logs.*Change)(call.account, fields.text_or("logGroupName"), fields.text_or("logStreamName")));
}

Result<Json> describe_log_streams(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(auto group, group_of(fields));
    return page_output(
        "logStreams",
        logs.describe_streams(call.account, {.group = std::move(group),
                                             .prefix = fields.text_or("logStreamNamePrefix"),
                                             .by_last_event = fields.text_or("orderBy") == "LastEventTime",
                                             .descending = fields.flag("descending"),
                                             .after = fields.text_or("nextToken"),
                                             .limit = fields.integer("limit").value_or(describe_limit_default)}));
}

Result<Json> put_log_events(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    std::vector<store::Log_Event> events;
    for (const Json& item : fields.list("logEvents")) {
        const aws::Fields event(item);
        events.push_back({.timestamp_ms = event.number("timestamp").value_or(0), .message = event.text_or("message")});
    }
    OSBOT_TRY(const auto rejected, logs.put_events(call.account, fields.text_or("logGroupName"),
                                                   fields.text_or("logStreamName"), std::move(events)));

    Json response{{"nextSequenceToken", base::random_hex(56)}};  // AWS ignores tokens since 2023 but still returns them
    Json left_out = Json::object();
    const auto add = [&](const char* name, std::optional<std::size_t> index) {
        if (index) left_out[name] = *index;
    };
    add("tooNewLogEventStartIndex", rejected.too_new_from);
    add("tooOldLogEventEndIndex", rejected.too_old_to);
    add("expiredLogEventEndIndex", rejected.expired_to);
    if (!left_out.empty()) response["rejectedLogEventsInfo"] = std::move(left_out);
    if (fields.has("entity")) response["rejectedEntityInfo"] = {{"errorType", "UnsupportedLogGroupType"}};
    return response;
}

Result<Json> get_log_events(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(auto group, group_of(fields));
    OSBOT_TRY(const auto page,
              logs.get_events(call.account, {.group = std::move(group),
                                             .stream = fields.text_or("logStreamName"),
                                             .start_ms = fields.number("startTime"),
                                             .end_ms = fields.number("endTime"),
                                             .token = fields.text_or("nextToken"),
                                             .from_head = fields.flag("startFromHead"),
                                             .limit = fields.integer("limit").value_or(events_limit_default)}));
    return Json{{"events", to_json(page.events)},
                {"nextForwardToken", page.forward_token},
                {"nextBackwardToken", page.backward_token}};
}

Result<Json> filter_log_events(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(auto group, group_of(fields));
    OSBOT_TRY(const auto found,
              (logs.filter_events(call.account,
                                  {.group = std::move(group),
                                   .streams = fields.texts("logStreamNames"),
                                   .stream_prefix = fields.text_or("logStreamNamePrefix"),
                                   .pattern = fields.text_or("filterPattern"),
                                   .start_ms = fields.number("startTime"),
                                   .end_ms = fields.number("endTime"),
                                   .token = fields.text_or("nextToken"),
                                   .limit = fields.integer("limit").value_or(events_limit_default),
                                   .from_head = !fields.has("startFromHead") || fields.flag("startFromHead")})));
    Json events = Json::array();
    for (const auto& event : found.events) {
        auto json = to_json(event);
        json["logStreamName"] = event.stream;
        json["eventId"] = fmt::format("{:028}{:028}", event.timestamp_ms, event.sequence);
        events.push_back(std::move(json));
    }
    Json response{{"events", std::move(events)}, {"searchedLogStreams", Json::array()}};
    set_if(response, "nextToken", found.next_token);
    return response;
}

// ---- tags: by ARN, or by name in older clients ----

std::string tagged_resource(const Call& call) {
    const auto name = call.fields().text("logGroupName");
    return name ? log_group_arn(call.account, *name) : call.fields().text_or("resourceArn");
}

Result<Json> tag(Logs& logs, const Call& call) {
    return no_output(logs.tag(call.account, tagged_resource(call), call.fields().map("tags")));
}

Result<Json> untag(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const auto keys = fields.texts(fields.has("tagKeys") ? "tagKeys" : "tags");
    return no_output(logs.untag(call.account, tagged_resource(call), keys));
}

Result<Json> list_tags(Logs& logs, const Call& call) {
    OSBOT_TRY(const auto tags, logs.tags(call.account, tagged_resource(call)));
    return Json{{"tags", tags}};
}

}  // namespace

Operations logs_operations(Logs& logs) {
    Operations all{logs,
                   {{"CreateLogGroup", &create_log_group},
                    {"CreateLogStream", &change_log_stream<&Logs::create_stream>},
                    {"DeleteLogGroup", &delete_log_group},
                    {"DeleteLogStream", &change_log_stream<&Logs::delete_stream>},
                    {"DeleteRetentionPolicy", &delete_retention_policy},
                    {"DescribeLogGroups", &describe_log_groups},
                    {"DescribeLogStreams", &describe_log_streams},
                    {"FilterLogEvents", &filter_log_events},
                    {"GetLogEvents", &get_log_events},
                    {"ListTagsForResource", &list_tags},
                    {"ListTagsLogGroup", &list_tags},
                    {"PutLogEvents", &put_log_events},
                    {"PutLogGroupDeletionProtection", &put_deletion_protection},
                    {"PutRetentionPolicy", &put_retention_policy},
                    {"StartLiveTail", &start_live_tail},
                    {"TagLogGroup", &tag},
                    {"TagResource", &tag},
                    {"UntagLogGroup", &untag},
                    {"UntagResource", &untag}}};
    all.reject({{"CreateLogGroup", "kmsKeyId"}});  // nothing is encrypted
    return all;
}

}  // namespace osbot_aws::services

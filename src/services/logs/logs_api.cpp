#include "services/logs/logs_api.hpp"

#include <fmt/format.h>

#include <limits>

#include "aws/models/models.hpp"
#include "base/characters.hpp"
#include "base/random.hpp"
#include "base/wildcard.hpp"
#include "services/logs/insights/log_queries.hpp"
#include "services/logs/resources/resource_operations.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

constexpr int describe_limit_default = 50, events_limit_default = 10'000;

/// Returns logGroupName, or the name in logGroupIdentifier.
Result<std::string> group_of(const Call& call) {
    const auto fields = call.fields();
    const auto name = fields.text("logGroupName"), identifier = fields.text("logGroupIdentifier");
    // Recorded: logs/test_logs_streams.snapshot.json, test_describe_log_streams_with_log_group_identifier
    if (name && identifier)
        return Error{"ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters."};
    if (!identifier && !name) {
        return bad_log_parameter(
            "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not "
            "be null");
    }
    return identifier ? log_group_name(call.account, *identifier) : *name;
}

void set_if(Json& json, const char* name, const std::optional<std::int64_t>& value) {
    if (value) json[name] = *value;
}
void set_if(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
}

Json described(const Logs& logs, const Log_Group& group) {
    const Log_Resources& resources = logs.resources();
    Json json{{"logGroupName", group.name},
              {"arn", group.arn + ":*"},
              {"logGroupArn", group.arn},
              {"creationTime", group.created_ms},
              {"metricFilterCount", resources.list(group.account, log_kinds::metric_filter, group.name + ":").size()},
              {"storedBytes", logs.stored_bytes(group)},
              {"logGroupClass", group.log_class},
              {"deletionProtectionEnabled", group.is_protected}};
    if (group.retention_days) json["retentionInDays"] = *group.retention_days;
    set_if(json, "kmsKeyId", group.kms_key);
    if (resources.find(group.account, log_kinds::data_protection_policy, group.name) != nullptr)
        json["dataProtectionStatus"] = "ACTIVATED";
    if (!resources.list(group.account, log_kinds::account_policy, "DATA_PROTECTION_POLICY:").empty())
        json["inheritedProperties"] = {"ACCOUNT_DATA_PROTECTION"};
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
                                                      .is_protected = fields.flag("deletionProtectionEnabled"),
                                                      .kms_key = fields.text_or("kmsKeyId")}));
}

/// Sets the key of the group that the operation names, or identifies by its ARN.
Result<Json> set_kms_key(Logs& logs, const Call& call, const std::string& key) {
    const auto fields = call.fields();
    const auto name = fields.text("logGroupName"), identifier = fields.text("resourceIdentifier");
    if (name.has_value() == identifier.has_value())
        return bad_log_parameter("Exactly one of logGroupName and resourceIdentifier must be specified.");
    if (identifier && identifier->find(":query-result:") != std::string::npos)
        return aws::not_implemented(aws::logs_model(), "AssociateKmsKey with the key of query results");
    return no_output(logs.set_kms_key(call.account, name ? *name : log_group_name(call.account, *identifier), key));
}

Result<Json> associate_kms_key(Logs& logs, const Call& call) {
    return set_kms_key(logs, call, call.fields().text_or("kmsKeyId"));
}

Result<Json> disassociate_kms_key(Logs& logs, const Call& call) { return set_kms_key(logs, call, ""); }

Result<Json> delete_log_group(Logs& logs, const Call& call) {
    return no_output(logs.delete_group(call.account, call.fields().text_or("logGroupName")));
}

Result<Json> put_deletion_protection(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    return no_output(logs.protect(call.account, log_group_name(call.account, fields.text_or("logGroupIdentifier")),
                                  fields.flag("deletionProtectionEnabled")));
}

Result<Json> describe_log_groups(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    auto names = log_group_names(call.account, fields.texts("logGroupIdentifiers"));
    OSBOT_TRY(const auto page, (logs.describe_groups(
                                   call.account, {.prefix = fields.text_or("logGroupNamePrefix"),
                                                  .pattern = fields.text_or("logGroupNamePattern"),
                                                  .names = std::move(names),
                                                  .accounts = fields.texts("accountIdentifiers"),
                                                  .log_class = fields.text_or("logGroupClass"),
                                                  .after = fields.text_or("nextToken"),
                                                  .limit = fields.integer("limit").value_or(describe_limit_default)})));
    Json list = Json::array();
    for (const auto& group : page.items) {
        list.push_back(described(logs, group));
        // Recorded: LocalStack, tests/aws/services/logs/test_logs_groups.snapshot.json,
        // test_describe_log_groups_with_pattern
        if (call.fields().has("logGroupNamePattern"))
            for (const char* omitted : {"storedBytes", "deletionProtectionEnabled"}) list.back().erase(omitted);
    }
    Json output{{"logGroups", std::move(list)}};
    set_if(output, "nextToken", page.next_token);
    return output;
}

/// Returns true if a name matches one of the alternatives of logGroupNamePattern: "^prefix|part".
bool matches_name_pattern(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return true;
    while (!pattern.empty()) {
        std::string_view part = base::take_until(pattern, '|');
        const bool is_prefix = base::take_prefix(part, "^");
        if (is_prefix ? name.starts_with(part) : name.find(part) != std::string_view::npos) return true;
    }
    return false;
}

/// Returns true if the tags of a group satisfy one filter: a key, and one of its values if there are some.
bool matches_tag_filter(const Log_Tags& tags, const Json& filter) {
    const auto tag = tags.find(filter.value("key", ""));
    if (tag == tags.end()) return false;
    const Json values = filter.value("values", Json::array());
    const auto matches = [&](const Json& value) {
        std::string_view text = value.get_ref<const std::string&>();
        const bool negated = base::take_prefix(text, "!");
        return base::matches_wildcards(text, tag->second) != negated;
    };
    return values.empty() || std::any_of(values.begin(), values.end(), matches);
}

Result<Json> list_log_groups(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const auto limit = static_cast<std::size_t>(fields.integer("limit").value_or(describe_limit_default));
    OSBOT_TRY(const auto page, (logs.describe_groups(call.account, {.prefix = "",
                                                                    .pattern = "",
                                                                    .accounts = fields.texts("accountIdentifiers"),
                                                                    .log_class = fields.text_or("logGroupClass"),
                                                                    .after = fields.text_or("nextToken"),
                                                                    .limit = std::numeric_limits<int>::max()})));
    Json list = Json::array(), output = Json::object();
    for (const auto& group : page.items) {
        const Json& filters = fields.list("logGroupTags");
        const auto has_tag = [&](const Json& filter) { return matches_tag_filter(group.tags, filter); };
        if (!matches_name_pattern(fields.text_or("logGroupNamePattern"), group.name)) continue;
        if (!std::all_of(filters.begin(), filters.end(), has_tag)) continue;
        if (list.size() == limit) {
            output["nextToken"] = list.back()["logGroupName"];
            break;
        }
        list.push_back({{"logGroupName", group.name}, {"logGroupArn", group.arn}, {"logGroupClass", group.log_class}});
    }
    output["logGroups"] = std::move(list);
    return output;
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
    OSBOT_TRY(auto group, group_of(call));
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
    OSBOT_TRY(auto group, group_of(call));
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
    OSBOT_TRY(auto group, group_of(call));
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
                   {{"AssociateKmsKey", &associate_kms_key},
                    {"CreateLogGroup", &create_log_group},
                    {"CreateLogStream", &change_log_stream<&Logs::create_stream>},
                    {"DeleteLogGroup", &delete_log_group},
                    {"DeleteLogStream", &change_log_stream<&Logs::delete_stream>},
                    {"DeleteRetentionPolicy", &delete_retention_policy},
                    {"DescribeLogGroups", &describe_log_groups},
                    {"DescribeLogStreams", &describe_log_streams},
                    {"DisassociateKmsKey", &disassociate_kms_key},
                    {"FilterLogEvents", &filter_log_events},
                    {"GetLogEvents", &get_log_events},
                    {"ListLogGroups", &list_log_groups},
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
    all.reject({{"ListLogGroups", "dataSources"}, {"ListLogGroups", "fieldIndexNames"}});
    all.add(filter_operations(logs));
    all.add(log_policy_operations(logs));
    all.add(destination_operations(logs));
    all.add(delivery_operations(logs));
    all.add(query_definition_operations(logs));
    all.add(log_record_operations(logs));
    return all;
}

}  // namespace osbot_aws::services

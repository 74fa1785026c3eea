// Event source mappings: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
#include <fmt/format.h>

#include "base/time_text.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

/// Members for streams and brokers only. They are rejected, not ignored.
constexpr const char* members_of_other_sources[] = {"StartingPosition",
                                                    "StartingPositionTimestamp",
                                                    "ParallelizationFactor",
                                                    "DestinationConfig",
                                                    "Topics",
                                                    "MaximumRecordAgeInSeconds",
                                                    "BisectBatchOnFunctionError",
                                                    "MaximumRetryAttempts",
                                                    "Queues",
                                                    "TumblingWindowInSeconds",
                                                    "SourceAccessConfigurations",
                                                    "SelfManagedEventSource",
                                                    "DocumentDBEventSourceConfig",
                                                    "AmazonManagedKafkaEventSourceConfig",
                                                    "SelfManagedKafkaEventSourceConfig"};

/// Settings that the engine stores and returns, and does not act on.
constexpr const char* stored_mapping_members[] = {"KMSKeyArn", "MetricsConfig", "LoggingConfig",
                                                  "ProvisionedPollerConfig"};

bool is_source(std::string_view arn, std::string_view service) { return arn.find(service) != std::string_view::npos; }

/// Checks a mapping of a stream; the engine has none, but AWS checks the request first.
/// Recorded: lambda_/test_lambda_api.snapshot.json, test_create_event_source_validation
std::optional<Error> check_stream(const aws::Fields& input, const std::string& arn) {
    const auto position = input.text("StartingPosition");
    if (!position)
        return Error{"InvalidParameterValueException",
                     "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
                     "Member must not be null."};
    if (is_source(arn, ":dynamodb:") && *position == "AT_TIMESTAMP")
        return Error{"InvalidParameterValueException", "Unsupported starting position for arn type: " + arn};
    return std::nullopt;
}

std::optional<Error> check_members(const aws::Fields& input) {
    const std::string arn = input.text_or("EventSourceArn");
    if (is_source(arn, ":kinesis:") || is_source(arn, ":dynamodb:")) return check_stream(input, arn);
    for (const char* name : members_of_other_sources) {
        if (input.has(name) && !input.json()[name].empty())
            return Error{"InvalidParameterValueException",
                         fmt::format("Unsupported {} parameter for given event source mapping type.", name)};
    }
    return std::nullopt;
}

services::Event_Source_Change change_of(const aws::Fields& input) {
    services::Event_Source_Change params;
    params.event_source_arn = input.text("EventSourceArn");
    params.function_name = input.text("FunctionName");
    if (input.has("Enabled")) params.enabled = input.flag("Enabled");
    params.batch_size = input.number("BatchSize");
    params.window_s = input.number("MaximumBatchingWindowInSeconds");
    if (input.has("FunctionResponseTypes")) params.response_types = input.texts("FunctionResponseTypes");
    if (input.has("ScalingConfig"))
        params.concurrency_max = aws::Fields(input.object("ScalingConfig")).number("MaximumConcurrency").value_or(0);
    if (input.has("FilterCriteria")) {
        params.filter_patterns.emplace();
        for (const Json& filter : aws::Fields(input.object("FilterCriteria")).list("Filters"))
            params.filter_patterns->push_back(aws::Fields(filter).text_or("Pattern"));
    }
    params.tags = input.map("Tags");
    for (const char* name : stored_mapping_members)
        if (input.has(name)) params.settings[name] = input.json()[name];
    return params;
}

Json mapping_json(const services::Event_Source_Mapping& mapping, std::string_view state) {
    Json json{{"UUID", mapping.id},
              {"EventSourceMappingArn", mapping.arn()},
              {"EventSourceArn", mapping.event_source_arn},
              {"FunctionArn", mapping.function_arn()},
              {"BatchSize", mapping.batch_size},
              {"MaximumBatchingWindowInSeconds", mapping.window.count()},
              {"FunctionResponseTypes", Json::array()},
              {"LastModified", static_cast<double>(base::unix_ms(mapping.modified_at)) / 1000},
              {"State", state},
              {"StateTransitionReason", "USER_INITIATED"}};
    if (mapping.report_item_failures) json["FunctionResponseTypes"].push_back("ReportBatchItemFailures");
    if (mapping.concurrency_max) json["ScalingConfig"] = {{"MaximumConcurrency", *mapping.concurrency_max}};
    for (const std::string& pattern : mapping.filter_patterns)
        json["FilterCriteria"]["Filters"].push_back({{"Pattern", pattern}});
    json.update(mapping.settings);
    return json;
}

Json settled_json(const services::Event_Source_Mapping& mapping) {
    return mapping_json(mapping, mapping.enabled ? "Enabled" : "Disabled");
}

// The change is complete when the response is sent, but the response has the state of a change in progress, as on AWS.
Result<Json> create_event_source_mapping(Lambda_Front& front, const Call& call) {
    if (const auto error = check_members(call.fields())) return *error;
    OSBOT_TRY(const auto mapping, front.event_sources.create(call.account, change_of(call.fields())));
    return mapping_json(mapping, "Creating");
}

Result<Json> get_event_source_mapping(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto mapping, front.event_sources.find(call.account, call.fields().text_or("UUID")));
    return settled_json(mapping);
}

Result<Json> update_event_source_mapping(Lambda_Front& front, const Call& call) {
    if (const auto error = check_members(call.fields())) return *error;
    const std::string id = call.fields().text_or("UUID");
    const auto before = front.event_sources.find(call.account, id);
    OSBOT_TRY(const auto mapping, front.event_sources.update(call.account, id, change_of(call.fields())));
    const bool same = before && before->enabled == mapping.enabled;
    return mapping_json(mapping, same ? "Updating" : mapping.enabled ? "Enabling" : "Disabling");
}

Result<Json> delete_event_source_mapping(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto mapping, front.event_sources.remove(call.account, call.fields().text_or("UUID")));
    return mapping_json(mapping, "Deleting");
}

Result<Json> list_event_source_mappings(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto page,
              front.event_sources.list(call.account, fields.text_or("EventSourceArn"), fields.text_or("FunctionName"),
                                       fields.text_or("Marker"), fields.number("MaxItems")));
    return list_json("EventSourceMappings", page.mappings, page.next_marker, &settled_json);
}

}  // namespace

Operations lambda_event_sources(Lambda_Front& front) {
    return {front,
            {{"CreateEventSourceMapping", &create_event_source_mapping},
             {"DeleteEventSourceMapping", &delete_event_source_mapping},
             {"GetEventSourceMapping", &get_event_source_mapping},
             {"ListEventSourceMappings", &list_event_source_mappings},
             {"UpdateEventSourceMapping", &update_event_source_mapping}}};
}

}  // namespace osbot_aws::services

// Event source mappings over REST-JSON: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
#include <fmt/format.h>

#include "base/time_text.hpp"
#include "server/lambda_json.hpp"
#include "server/lambda_operations.hpp"

namespace osbot_aws::server {
namespace {

using Call = Lambda_Api::Call;
using engine::Functions;

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

Result<std::vector<std::string>> parse_filters(const Json& criteria) {
    std::vector<std::string> patterns;
    for (const Json& filter : criteria.value("Filters", Json::array())) {
        if (!filter.is_object() || !filter.contains("Pattern") || !filter["Pattern"].is_string())
            return Error{"SerializationException", "a filter is an object with a Pattern that is a text"};
        patterns.push_back(filter["Pattern"].get<std::string>());
    }
    return patterns;
}

Result<engine::Event_Source_Change> parse_change(const Json& body) {
    for (const char* name : members_of_other_sources) {
        if (body.contains(name) && !body[name].is_null() && !body[name].empty())
            return Error{"InvalidParameterValueException",
                         fmt::format("Unsupported {} parameter for given event source mapping type.", name)};
    }
    Fields fields(body);
    engine::Event_Source_Change params;
    params.event_source_arn = fields.text("EventSourceArn");
    params.function_name = fields.text("FunctionName");
    if (body.contains("Enabled")) params.enabled = fields.flag("Enabled");
    params.batch_size = fields.number("BatchSize");
    params.window_s = fields.number("MaximumBatchingWindowInSeconds");
    params.response_types = fields.texts("FunctionResponseTypes");
    Fields scaling(fields.object("ScalingConfig"));
    if (body.contains("ScalingConfig")) params.concurrency_max = scaling.number("MaximumConcurrency").value_or(0);
    const Json& criteria = fields.object("FilterCriteria");
    for (const Fields* read : {&fields, &scaling}) {
        if (read->error()) return *read->error();
    }
    if (body.contains("FilterCriteria")) {
        auto patterns = parse_filters(criteria);
        if (!patterns) return patterns.error();
        params.filter_patterns = std::move(*patterns);
    }
    return params;
}

Json mapping_json(const engine::Event_Source_Mapping& mapping, std::string_view state) {
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
    return json;
}

Json settled_json(const engine::Event_Source_Mapping& mapping) {
    return mapping_json(mapping, mapping.enabled ? "Enabled" : "Disabled");
}

}  // namespace

// The change is complete when the response is sent, but the response has the state of a change in progress, as on AWS.
Result<Json> create_event_source_mapping(Functions&, const Call& call) {
    const auto params = parse_change(call.body);
    if (!params) return params.error();
    const auto mapping = call.event_sources->create(call.account, *params);
    if (!mapping) return mapping.error();
    return mapping_json(*mapping, "Creating");
}

Result<Json> get_event_source_mapping(Functions&, const Call& call) {
    const auto mapping = call.event_sources->find(call.account, call.labels[0]);
    if (!mapping) return mapping.error();
    return settled_json(*mapping);
}

Result<Json> update_event_source_mapping(Functions&, const Call& call) {
    const auto params = parse_change(call.body);
    if (!params) return params.error();
    const auto before = call.event_sources->find(call.account, call.labels[0]);
    const auto mapping = call.event_sources->update(call.account, call.labels[0], *params);
    if (!mapping) return mapping.error();
    const bool same = before && before->enabled == mapping->enabled;
    return mapping_json(*mapping, same ? "Updating" : mapping->enabled ? "Enabling" : "Disabling");
}

Result<Json> delete_event_source_mapping(Functions&, const Call& call) {
    const auto mapping = call.event_sources->remove(call.account, call.labels[0]);
    if (!mapping) return mapping.error();
    return mapping_json(*mapping, "Deleting");
}

Result<Json> list_event_source_mappings(Functions&, const Call& call) {
    const auto page =
        call.event_sources->list(call.account, call.parameter("EventSourceArn"), call.parameter("FunctionName"),
                                 call.parameter("Marker"), call.number("MaxItems"));
    if (!page) return page.error();
    Json json{{"EventSourceMappings", Json::array()}};
    for (const auto& mapping : page->mappings) json["EventSourceMappings"].push_back(settled_json(mapping));
    if (!page->next_marker.empty()) json["NextMarker"] = page->next_marker;
    return json;
}

}  // namespace osbot_aws::server

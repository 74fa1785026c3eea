// Versions, aliases and event sources.
#include "base/json.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {

Json Lambda::publish_version(const std::string& version_description) {
    Json members = Json::object();
    if (!version_description.empty()) members["Description"] = version_description;
    return call_function(session_, "POST", name, "/versions", members).value();
}

Json Lambda::versions(const List_Options& options) const {
    return index_or_group(lambda_list(session_, path_of(functions_path, name, "/versions"), "Versions"), options);
}

// ---- aliases ----

namespace {

std::string alias_path(const std::string& alias) { return "/aliases/" + wire::percent_encode(alias); }

}  // namespace

Status Lambda::alias_create(const Alias& alias) {
    Json members{{"Name", alias.name}, {"FunctionVersion", alias.function_version}};
    if (!alias.description.empty()) members["Description"] = alias.description;
    return status_of(name, call_function(session_, "POST", name_or(alias.function_name, *this), "/aliases", members));
}

Status Lambda::alias(const std::string& function_name, const std::string& alias_name) const {
    return status_of(name, call_function(session_, "GET", name_or(function_name, *this), alias_path(alias_name)));
}

Json Lambda::aliases(const std::string& function_name, const List_Options& options) const {
    const std::string path = path_of(functions_path, name_or(function_name, *this), "/aliases");
    return index_or_group(lambda_list(session_, path, "Aliases"), options);
}

Status Lambda::alias_delete(const std::string& function_name, const std::string& alias_name) {
    return status_of(name, call_function(session_, "DELETE", name_or(function_name, *this), alias_path(alias_name)));
}

// ---- event sources ----

namespace {

/// Returns FilterCriteria with the JSON text of each pattern, which Lambda requires.
Json with_pattern_texts(Json criteria) {
    if (!criteria.is_object() || !criteria.contains("Filters")) return criteria;
    for (Json& filter : criteria["Filters"])
        if (filter.is_object() && filter.contains("Pattern") && filter["Pattern"].is_object())
            filter["Pattern"] = base::dump_json(filter["Pattern"]);
    return criteria;
}

Json mapping_members(const Event_Source& source, const std::string& function_name) {
    Json members{{"EventSourceArn", source.event_source_arn}, {"FunctionName", function_name}};
    if (source.batch_size) members["BatchSize"] = *source.batch_size;
    if (source.maximum_batching_window_in_seconds)
        members["MaximumBatchingWindowInSeconds"] = *source.maximum_batching_window_in_seconds;
    if (!source.function_response_types.empty()) members["FunctionResponseTypes"] = source.function_response_types;
    if (!source.filter_criteria.is_null()) members["FilterCriteria"] = with_pattern_texts(source.filter_criteria);
    if (!source.scaling_config.is_null()) members["ScalingConfig"] = source.scaling_config;
    if (source.enabled) members["Enabled"] = *source.enabled;
    if (!source.starting_position.empty()) members["StartingPosition"] = source.starting_position;
    return members;
}

}  // namespace

Status Lambda::event_source_create(const Event_Source& source) {
    return status_of(name, client_of(session_).json("lambda", "POST", std::string(event_sources_path),
                                                    mapping_members(source, name_or(source.function_name, *this))));
}

Json Lambda::event_sources(const List_Options& options) const {
    return index_or_group(lambda_list(session_, std::string(event_sources_path), "EventSourceMappings"), options);
}

Status Lambda::event_source_delete(const std::string& event_source_uuid) {
    return status_of(name,
                     client_of(session_).json("lambda", "DELETE", path_of(event_sources_path, event_source_uuid)));
}

}  // namespace osbot_aws

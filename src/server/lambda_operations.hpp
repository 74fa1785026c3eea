#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "server/lambda_api.hpp"

namespace osbot_aws::server {

/// A route of Lambda's API. Lambda_Api implements asynchronous operations (Invoke, operations with code) itself. Other
/// operations without `run` are not supported; the 501 response contains their name.
struct Operation {
    std::string_view method;
    std::string_view path;  ///< {} is one part
    std::string_view name;
    int status = 200;
    bool takes_body = false;
    Result<Json> (*run)(engine::Functions&, const Lambda_Api::Call&) = nullptr;  ///< null JSON: an empty body
};

/// Returns a layer version with the download link for its zip.
Json layer_with_content(const engine::Layer_Version& version, const Lambda_Api::Call& call);

// lambda_layer_operations.cpp
Result<Json> get_layer_version(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> delete_layer_version(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> list_layer_versions(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> list_layers(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> add_layer_permission(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> get_layer_policy(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> remove_layer_permission(engine::Functions& functions, const Lambda_Api::Call& call);

// lambda_alias_operations.cpp
Result<Json> create_alias(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> get_alias(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> update_alias(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> delete_alias(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> list_aliases(engine::Functions& functions, const Lambda_Api::Call& call);

// lambda_event_source_operations.cpp
Result<Json> create_event_source_mapping(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> get_event_source_mapping(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> update_event_source_mapping(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> delete_event_source_mapping(engine::Functions& functions, const Lambda_Api::Call& call);
Result<Json> list_event_source_mappings(engine::Functions& functions, const Lambda_Api::Call& call);

/// Returns the operation of a route, or nullptr if Lambda has none. `labels` are the decoded {} parts.
const Operation* find_operation(std::string_view method, std::string_view path, std::vector<std::string>& labels);

}  // namespace osbot_aws::server

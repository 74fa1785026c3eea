#pragma once

#include <functional>

#include "services/lambda/api/code.hpp"
#include "services/lambda/event_sources.hpp"
#include "services/lambda/functions.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

/// The state that the operations of Lambda use.
struct Lambda_Front {
    services::Context& context;
    services::Functions& functions;
    services::Invocations& invocations;
    services::Event_Sources& event_sources;
    services::Object_Lookup objects;
    Code_Links links{context};
    /// Checks the sender of a signed request to a URL with AuthType AWS_IAM. Null: a valid signature suffices.
    std::function<Result<void>(const wire::Request&, const Function_Urls::Target&)> check_url_caller = {};
};

/// Returns the output of a list operation: the items of a page, converted by `to_json`, and the marker of the next
/// page, if there is one.
template <class Items, class To_Json>
Json list_json(const char* member, const Items& items, const std::string& next_marker, To_Json to_json) {
    Json list = Json::array();
    for (const auto& item : items) list.push_back(to_json(item));
    Json json{{member, std::move(list)}};
    if (!next_marker.empty()) json["NextMarker"] = next_marker;
    return json;
}

/// All operations of Lambda.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
Operations lambda_operations(Lambda_Front& front);

// The operations by topic, each in the file of its name.
Operations lambda_functions(Lambda_Front& front);
Operations lambda_code(Lambda_Front& front);
Operations lambda_invoke(Lambda_Front& front);
Operations lambda_versions(Lambda_Front& front);
Operations lambda_layers(Lambda_Front& front);
Operations lambda_code_signing(Lambda_Front& front);
Operations lambda_function_options(Lambda_Front& front);
Operations lambda_event_invoke(Lambda_Front& front);
Operations lambda_event_sources(Lambda_Front& front);
Operations lambda_urls(Lambda_Front& front);
Operations lambda_permissions(Lambda_Front& front);
Operations lambda_provisioned_concurrency(Lambda_Front& front);
Operations lambda_tags(Lambda_Front& front);

}  // namespace osbot_aws::services

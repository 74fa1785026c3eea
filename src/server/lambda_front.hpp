#pragma once

#include "engine/lambda/event_sources.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/lambda/invocations.hpp"
#include "server/lambda_code.hpp"
#include "server/operations.hpp"

namespace osbot_aws::server {

/// The state that the operations of Lambda use.
struct Lambda_Front {
    engine::Context& context;
    engine::Functions& functions;
    engine::Invocations& invocations;
    engine::Event_Sources& event_sources;
    engine::Object_Lookup objects;
    Code_Links links{context};
};

/// All operations of Lambda except Invoke and InvokeWithResponseStream, which lambda_invoke.hpp runs.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
Operations lambda_operations(Lambda_Front& front);

// The operations by topic, each in the file of its name.
Operations lambda_functions(Lambda_Front& front);
Operations lambda_code(Lambda_Front& front);
Operations lambda_versions(Lambda_Front& front);
Operations lambda_layers(Lambda_Front& front);
Operations lambda_event_sources(Lambda_Front& front);
Operations lambda_urls(Lambda_Front& front);
Operations lambda_permissions(Lambda_Front& front);
Operations lambda_tags(Lambda_Front& front);

}  // namespace osbot_aws::server

#pragma once

#include <optional>
#include <string_view>

#include "services/lambda/api/front.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::services {

// Invoke and InvokeWithResponseStream. They do not use Model_Api: a warm invoke allocates only its strings, the payload
// is checked in place and moved, and the request ID of the response is that of the invocation.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

struct Invoke_Route {
    std::string_view function;  ///< the FunctionName of the path, still percent-encoded
    bool streaming = false;     ///< InvokeWithResponseStream
};

/// Returns the function that a request invokes, or nullopt for other operations.
std::optional<Invoke_Route> invoke_route(const wire::Request& request);

/// Returns true if the caller waits for the function.
bool is_synchronous(const Invoke_Route& route, const wire::Request& request);

constexpr std::uint64_t invoke_payload_bytes_max = 6'291'456;

/// Runs a request. `function`: the decoded FunctionName of its route.
void invoke(Lambda_Front& front, const services::Account& account, wire::Request request, std::string_view function,
            bool streaming, Reply reply);

}  // namespace osbot_aws::services

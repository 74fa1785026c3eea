#pragma once

#include <string>

#include "services/lambda/api/front.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::services {

/// Returns the response to a request whose body is larger than invoke_payload_bytes_max.
wire::Response url_request_too_large();

/// Runs the function of a request to a function URL, and responds to preflight requests.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
void handle_url_request(Lambda_Front& front, const std::string& url_id, wire::Request request, const Reply& reply);

}  // namespace osbot_aws::services

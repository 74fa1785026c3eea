#pragma once

#include "services/lambda/api/front.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::services {

/// Runs the function of a request to a function URL, and responds to preflight requests.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
void handle_url_request(Lambda_Front& front, wire::Request request, const Reply& reply);

}  // namespace osbot_aws::services

#pragma once

#include "engine/request_route.hpp"
#include "http/routed_request.hpp"

namespace osbot_aws::engine {

/// Returns the maximum size of the body of a request, and the response of its service to a larger one.
http::Body_Limit body_limit_of(const Request_Route& route);

}  // namespace osbot_aws::engine

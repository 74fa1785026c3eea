#pragma once

#include <string>
#include <string_view>

#include "http/http_server.hpp"

namespace osbot_aws::engine {

/// Returns the maximum size of the body of this request, and the response of its service to a larger one. `service` is
/// the name in a signature's scope; "" for the paths of the engine itself.
http::Body_Limit body_limit_of(std::string_view service, const wire::Request& head);

/// The same for a function URL.
http::Body_Limit body_limit_of_function_url();

}  // namespace osbot_aws::engine

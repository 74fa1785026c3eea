#pragma once

#include <osbot_aws/core/Json.hpp>

#include "wire/http.hpp"

namespace osbot_aws::server {

/// What the engine's own paths, those below /_osbot/, answer.
inline wire::Response control_json(int status, const Json& json) {
    wire::Response response{status, {{"Content-Type", "application/json"}}, {}};
    response.body.bytes = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return response;
}

}  // namespace osbot_aws::server

#pragma once

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

/// Returns a JSON response for the engine's own paths below /_osbot/.
inline wire::Response control_json(int status, const Json& json) {
    wire::Response response{status, {{"Content-Type", "application/json"}}, {}};
    response.body.bytes = base::dump_json_lossy(json);
    return response;
}

}  // namespace osbot_aws::engine

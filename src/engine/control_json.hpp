#pragma once

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

/// Returns a JSON response for the engine's own paths below /_osbot/.
inline wire::Response json_text(int status, std::string json) {
    return {status, {{"Content-Type", "application/json"}}, std::move(json)};
}
inline wire::Response control_json(int status, const Json& json) {
    return json_text(status, base::dump_json_lossy(json));
}

}  // namespace osbot_aws::engine

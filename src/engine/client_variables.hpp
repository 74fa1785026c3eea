#pragma once

#include <string>
#include <utility>
#include <vector>

namespace osbot_aws::engine {

/// The environment variables with which AWS clients use an engine. It accepts any keys.
inline std::vector<std::pair<std::string, std::string>> client_variables(const std::string& url) {
    return {{"AWS_ENDPOINT_URL", url},
            {"AWS_ACCESS_KEY_ID", "test"},
            {"AWS_SECRET_ACCESS_KEY", "test"},
            {"AWS_REGION", "us-east-1"},
            {"AWS_DEFAULT_REGION", "us-east-1"}};
}

}  // namespace osbot_aws::engine

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/lambda/function.hpp"

namespace osbot_aws::engine {

/// What the variables of an environment depend on besides the function.
struct Variables_Input {
    const Function& function;
    std::string runtime_api;  ///< host:port
    std::string log_stream;
    std::string endpoint_url;  ///< of this engine
    bool inside = true;        ///< the process sees /var/task, /opt, /tmp; else the folders below
    std::filesystem::path code, opt, runtime_folder, tmp;
    std::string secret_access_key;
};

/// NAME=value, all of Lambda's documented variables, then the function's own; nothing of the host.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
std::vector<std::string> environment_variables(const Variables_Input& input);

}  // namespace osbot_aws::engine

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
    std::string secret_access_key, session_token;
    /// Of a container image: what it says itself (NAME=value), and its handler, if its command names one.
    const std::vector<std::string>* image_environment = nullptr;
    std::string image_handler = {};
};

/// NAME=value, all of Lambda's documented variables, then the function's own; nothing of the host. What an image says
/// stands below Lambda's, but for the places of its programs, which only the image knows.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
std::vector<std::string> environment_variables(const Variables_Input& input);

}  // namespace osbot_aws::engine

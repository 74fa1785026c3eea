#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "services/lambda/function.hpp"

namespace osbot_aws::services {

/// How an environment starts.
enum class Init_Type {
    on_demand,    ///< for an event
    provisioned,  ///< before events, for provisioned concurrency
    snap_start,   ///< its runtime waits to be restored from a snapshot between its init and its first event
};

/// Returns the name of AWS, for the function and the platform's log.
constexpr const char* initialization_type(Init_Type type) {
    switch (type) {
        case Init_Type::provisioned:
            return "provisioned-concurrency";
        case Init_Type::snap_start:
            return "snap-start";
        case Init_Type::on_demand:
            break;
    }
    return "on-demand";
}

/// Parameters of environment_variables().
struct Variables_Input {
    const Function& function;
    std::string runtime_api;  ///< host:port
    std::string log_stream;
    std::string endpoint_url;  ///< the URL of this engine
    bool inside = true;        ///< true: the process sees /var/task, /opt, /tmp; false: the folders below
    std::filesystem::path code, opt, runtime_folder, tmp;
    std::filesystem::path packages = {};  ///< Launch::packages
    std::string access_key_id, secret_access_key, session_token;
    /// For a container image: its own variables (NAME=value), and its handler, if its command names one.
    const std::vector<std::string>* image_environment = nullptr;
    std::string image_handler = {};
    Init_Type init_type = Init_Type::on_demand;
};

/// Returns the environment of a function's process as NAME=value: all variables that Lambda documents, and the
/// function's own variables, which override them. Nothing is inherited from the host. Lambda's variables override those
/// of an image, except for its paths, handler, language and time zone, which only the image knows.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
std::vector<std::string> environment_variables(const Variables_Input& input);

}  // namespace osbot_aws::services

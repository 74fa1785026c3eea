#include "services/lambda/running/environment_variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "services/lambda/running/interpreters.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the value of AWS_EXECUTION_ENV; empty for custom runtimes and images, which do not have it.
std::string execution_environment(const Function& function) {
    return function.is_image() || function.runtime.starts_with("provided") ? "" : "AWS_Lambda_" + function.runtime;
}

// The address of the daemon on Lambda. Here, datagrams to it are lost.
constexpr const char *xray_address = "169.254.79.129", *xray_port = "2000";

/// Docker's PATH for an image that does not set it.
constexpr const char* image_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Adds the variables of the image. Its paths, language and time zone override Lambda's.
void apply_image_environment(const Variables_Input& input, std::map<std::string, std::string>& all) {
    for (const char* name : {"LD_LIBRARY_PATH", "LANG"}) all.erase(name);
    all["PATH"] = image_path;
    all["_HANDLER"] = input.image_handler;
    constexpr std::string_view image_controlled[] = {
        "PATH", "LD_LIBRARY_PATH", "LANG", "TZ", "_HANDLER", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"};
    for (const std::string& variable : *input.image_environment) {
        const std::size_t equals = variable.find('=');
        if (equals == std::string::npos) continue;
        std::string name = variable.substr(0, equals), value = variable.substr(equals + 1);
        const bool overrides =
            std::find(std::begin(image_controlled), std::end(image_controlled), name) != std::end(image_controlled);
        if (overrides)
            all[std::move(name)] = std::move(value);
        else
            all.emplace(std::move(name), std::move(value));
    }
}

}  // namespace

std::vector<std::string> environment_variables(const Variables_Input& input) {
    const Function& f = input.function;
    const std::string root = input.inside ? "/var/task" : input.code.string();
    const std::string runtime = input.inside ? "/var/runtime" : input.runtime_folder.string();
    const std::string opt = input.opt.string();
    std::map<std::string, std::string> all{
        {"AWS_LAMBDA_FUNCTION_NAME", f.name},
        {"AWS_LAMBDA_FUNCTION_VERSION", f.version},
        {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(f.memory_mb)},
        {"AWS_LAMBDA_LOG_GROUP_NAME", f.log_group},
        {"AWS_LAMBDA_LOG_STREAM_NAME", input.log_stream},
        {"AWS_LAMBDA_INITIALIZATION_TYPE", initialization_type(input.init_type)},
        {"AWS_LAMBDA_RUNTIME_API", input.runtime_api},
        {"AWS_REGION", f.account.region},
        {"AWS_DEFAULT_REGION", f.account.region},
        // The key identifies the account (services/keys.hpp), the token the role.
        {"AWS_ACCESS_KEY_ID", input.access_key_id},
        {"AWS_SECRET_ACCESS_KEY", input.secret_access_key},
        {"AWS_SESSION_TOKEN", input.session_token},
        {"AWS_ENDPOINT_URL", input.endpoint_url},
        {"AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"},
        {"AWS_XRAY_DAEMON_ADDRESS", fmt::format("{}:{}", xray_address, xray_port)},
        {"_AWS_XRAY_DAEMON_ADDRESS", xray_address},
        {"_AWS_XRAY_DAEMON_PORT", xray_port},
        {"_HANDLER", f.handler},
        {"LAMBDA_TASK_ROOT", root},
        {"LAMBDA_RUNTIME_DIR", runtime},
        {"LANG", "en_US.UTF-8"},
        {"TZ", ":UTC"},
        {"PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:" + opt + "/bin"},
        {"LD_LIBRARY_PATH", "/var/lang/lib:/lib64:/usr/lib64:" + runtime + ":" + runtime + "/lib:" + root + ":" + root +
                                "/lib:" + opt + "/lib"},
    };
    if (const std::string name = execution_environment(f); !name.empty()) {
        all["AWS_EXECUTION_ENV"] = name;
        all["PWD"] = root;  // by the shell script that starts AWS's runtimes
        all["SHLVL"] = "0";
    }
    if (f.runtime.starts_with("python")) {
        all["PYTHONPATH"] = fmt::format("{}:{}/python/lib/{}/site-packages:{}/python", runtime, opt, f.runtime, opt);
        if (!input.packages.empty()) all["PYTHONPATH"] += ":" + input.packages.string();  // for child processes
    }
    if (const auto major = node_language.version_of(f.runtime))
        all["NODE_PATH"] =
            fmt::format("{0}/nodejs/node{1}/node_modules:{0}/nodejs/node_modules:{2}:{3}:{4}", opt, *major,
                        input.packages.empty() ? runtime + "/node_modules" : input.packages.string(), runtime, root);
    if (input.init_type == Init_Type::snap_start)  // a snapshot serves many log streams
        for (const char* name : {"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"}) all.erase(name);
    if (f.log_format == "JSON") {
        all["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
        all["AWS_LAMBDA_LOG_LEVEL"] = f.application_log_level;
    }
    if (input.image_environment != nullptr) apply_image_environment(input, all);
    if (!input.inside) all["TMPDIR"] = input.tmp.string();
    for (const auto& [name, value] : f.environment) all[name] = value;

    std::vector<std::string> list;
    list.reserve(all.size());
    for (const auto& [name, value] : all) list.push_back(fmt::format("{}={}", name, value));
    return list;
}

}  // namespace osbot_aws::services

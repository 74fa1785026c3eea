#include "services/lambda/validation.hpp"
#include "aws/exceptions.hpp"
#include "base/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::services {
namespace {

// The runtimes whose date "Block function create" has passed. The dates of later ones, such as python3.8, were
// postponed to 2027. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated
constexpr std::array<std::string_view, 20> retired_runtimes = {
    "nodejs",        "nodejs4.3",     "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x",    "nodejs12.x",
    "nodejs14.x",    "java8",         "python2.7",      "python3.6",  "python3.7",  "dotnetcore1.0", "dotnetcore2.0",
    "dotnetcore2.1", "dotnetcore3.1", "go1.x",          "ruby2.5",    "ruby2.7",    "provided"};

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
constexpr std::array<std::string_view, 19> reserved_keys = {"_HANDLER",
                                                            "_X_AMZN_TRACE_ID",
                                                            "AWS_DEFAULT_REGION",
                                                            "AWS_REGION",
                                                            "AWS_EXECUTION_ENV",
                                                            "AWS_LAMBDA_FUNCTION_NAME",
                                                            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                            "AWS_LAMBDA_FUNCTION_VERSION",
                                                            "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                            "AWS_LAMBDA_LOG_GROUP_NAME",
                                                            "AWS_LAMBDA_LOG_STREAM_NAME",
                                                            "AWS_ACCESS_KEY",
                                                            "AWS_ACCESS_KEY_ID",
                                                            "AWS_SECRET_ACCESS_KEY",
                                                            "AWS_SESSION_TOKEN",
                                                            "AWS_LAMBDA_RUNTIME_API",
                                                            "LAMBDA_TASK_ROOT",
                                                            "LAMBDA_RUNTIME_DIR",
                                                            "AWS_LAMBDA_MAX_CONCURRENCY"};

// All variables together, as JSON: gettingstarted-limits.html; recorded: lambda_/test_lambda_api.snapshot.json,
// test_lambda_envvars_near_limit_succeeds
constexpr std::size_t environment_bytes_max = 4096;

std::optional<Error> check_runtime(std::string_view runtime) {
    const auto runtimes = aws::current_lambda_runtimes();
    if (std::ranges::find(runtimes, runtime) != runtimes.end()) return std::nullopt;
    return Error{"InvalidParameterValueException",
                 fmt::format("Value {} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
                             "[{}] or be a valid ARN",
                             runtime, fmt::join(runtimes, ", "))};
}

}  // namespace

bool is_retired_runtime(std::string_view runtime) {
    return std::ranges::find(retired_runtimes, runtime) != retired_runtimes.end();
}

// The message was recorded on AWS: https://github.com/vittorio-nardone/disposable_app/issues/3
std::optional<Error> check_function_runtime(std::string_view runtime) {
    if (!is_retired_runtime(runtime)) return check_runtime(runtime);
    return Error{
        "InvalidParameterValueException",
        fmt::format("The runtime parameter of {} is no longer supported for creating or updating AWS Lambda "
                    "functions. We recommend you use a supported runtime while creating or updating functions.",
                    runtime)};
}

std::optional<Error> check_environment(const std::map<std::string, std::string>& variables) {
    std::vector<std::string_view> reserved;
    for (const auto& [name, value] : variables) {
        if (std::find(reserved_keys.begin(), reserved_keys.end(), name) != reserved_keys.end())
            reserved.push_back(name);
    }
    if (!reserved.empty()) {
        return Error{
            "InvalidParameterValueException",
            fmt::format(
                "Lambda was unable to configure your environment variables because the environment variables you have "
                "provided contains reserved keys that are currently not supported for modification. Reserved keys used "
                "in this request: {}",
                fmt::join(reserved, ", "))};
    }
    const std::string measured = base::dump_json_lossy(Json(variables));
    if (measured.size() > environment_bytes_max) {
        return Error{"InvalidParameterValueException",
                     "Lambda was unable to configure your environment variables because the environment variables you "
                     "have provided exceeded the 4KB limit. String measured: " +
                         measured};
    }
    return std::nullopt;
}

}  // namespace osbot_aws::services

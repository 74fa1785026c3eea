#include "engine/lambda/validation.hpp"
#include "base/characters.hpp"
#include "base/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::engine {
namespace {

// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html#lambda-CreateFunction-request-Runtime
constexpr std::array<std::string_view, 45> runtimes = {
    "nodejs",     "nodejs4.3",     "nodejs4.3-edge", "nodejs6.10",    "nodejs8.10",    "nodejs10.x", "nodejs12.x",
    "nodejs14.x", "nodejs16.x",    "nodejs18.x",     "nodejs20.x",    "nodejs22.x",    "nodejs24.x", "java8",
    "java8.al2",  "java11",        "java17",         "java21",        "java25",        "python2.7",  "python3.6",
    "python3.7",  "python3.8",     "python3.9",      "python3.10",    "python3.11",    "python3.12", "python3.13",
    "python3.14", "dotnetcore1.0", "dotnetcore2.0",  "dotnetcore2.1", "dotnetcore3.1", "dotnet6",    "dotnet8",
    "dotnet10",   "go1.x",         "ruby2.5",        "ruby2.7",       "ruby3.2",       "ruby3.3",    "ruby3.4",
    "provided",   "provided.al2",  "provided.al2023"};

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

constexpr std::size_t environment_bytes_max = 4096;  // gettingstarted-limits.html: all variables together

bool is_variable_name(std::string_view name) {
    return name.size() >= 2 && base::is_letter(name[0]) &&
           std::all_of(name.begin(), name.end(), [](char c) { return base::is_alphanumeric(c) || c == '_'; });
}

}  // namespace

void Validation::fault(std::string_view field, std::string_view value, std::string_view constraint) {
    faults_.push_back(fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", value, field, constraint));
}

void Validation::required(std::string_view field, bool present) {
    if (!present)
        faults_.push_back(
            fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null", field));
}

void Validation::range(std::string_view field, std::int64_t value, std::int64_t min, std::int64_t max) {
    if (value < min)
        fault(field, std::to_string(value), fmt::format("Member must have value greater than or equal to {}", min));
    if (value > max)
        fault(field, std::to_string(value), fmt::format("Member must have value less than or equal to {}", max));
}

void Validation::length(std::string_view field, std::string_view value, std::size_t min, std::size_t max) {
    if (value.size() < min)
        fault(field, value, fmt::format("Member must have length greater than or equal to {}", min));
    if (value.size() > max) fault(field, value, fmt::format("Member must have length less than or equal to {}", max));
}

void Validation::one_of(std::string_view field, std::string_view value,
                        std::initializer_list<std::string_view> allowed) {
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
    fault(field, value, fmt::format("Member must satisfy enum value set: [{}]", fmt::join(allowed, ", ")));
}

void Validation::pattern(std::string_view field, std::string_view value, bool matches, std::string_view pattern) {
    if (!matches) fault(field, value, fmt::format("Member must satisfy regular expression pattern: {}", pattern));
}

std::optional<Error> Validation::error() const {
    if (faults_.empty()) return std::nullopt;
    return Error{"ValidationException", fmt::format("{} validation error{} detected: {}", faults_.size(),
                                                    faults_.size() == 1 ? "" : "s", fmt::join(faults_, "; "))};
}

std::optional<Error> check_runtime(std::string_view runtime) {
    if (std::find(runtimes.begin(), runtimes.end(), runtime) != runtimes.end()) return std::nullopt;
    return Error{"InvalidParameterValueException",
                 fmt::format("Value {} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
                             "[{}] or be a valid ARN",
                             runtime, fmt::join(runtimes, ", "))};
}

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
    std::size_t bytes = 0;
    for (const auto& [name, value] : variables) {
        bytes += name.size() + value.size();
        if (std::find(reserved_keys.begin(), reserved_keys.end(), name) != reserved_keys.end()) {
            reserved.push_back(name);
        } else if (!is_variable_name(name)) {
            Validation validation;
            validation.fault("environment.variables", fmt::format("{{{}={}}}", name, value),
                             "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "
                             "[a-zA-Z]([a-zA-Z0-9_])+]");
            return validation.error();
        }
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
    if (bytes > environment_bytes_max) {
        return Error{"InvalidParameterValueException",
                     "Lambda was unable to configure your environment variables because the environment variables you "
                     "have provided "
                     "exceeded the 4KB limit. String measured: " +
                         base::dump_json_lossy(Json(variables))};
    }
    return std::nullopt;
}

const std::string_view role_arn_pattern = R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)";

bool is_role_arn(std::string_view text) {
    constexpr std::string_view partition = "arn:aws", service = ":iam::", kind = ":role/";
    if (!text.starts_with(partition)) return false;
    const auto at = text.find(service);
    if (at == std::string_view::npos) return false;
    const auto account = text.substr(at + service.size());
    if (account.size() < 12 + kind.size() + 1 || !std::all_of(account.begin(), account.begin() + 12, base::is_digit))
        return false;
    const auto role = account.substr(12);
    return role.starts_with(kind) && std::all_of(role.begin() + kind.size(), role.end(), [](char c) {
               return base::is_alphanumeric(c) || std::string_view("_+=,.@-/").find(c) != std::string_view::npos;
           });
}

}  // namespace osbot_aws::engine

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::engine {

/// Collects the constraints that a request violates and reports them in one error, as the service does.
///
///     Validation validation;
///     validation.range("memorySize", request.memory_mb, memory_mb_min, memory_mb_max);
///     if (auto error = validation.error()) return *error;
class Validation {
public:
    void required(std::string_view field, bool present);
    void range(std::string_view field, std::int64_t value, std::int64_t min, std::int64_t max);
    void length(std::string_view field, std::string_view value, std::size_t min, std::size_t max);
    void one_of(std::string_view field, std::string_view value, std::initializer_list<std::string_view> allowed);
    void pattern(std::string_view field, std::string_view value, bool matches, std::string_view pattern);
    void fault(std::string_view field, std::string_view value, std::string_view constraint);

    /// Returns nothing if there are no violations, else ValidationException: "2 validation errors detected: ...; ..."
    std::optional<Error> error() const;

private:
    std::vector<std::string> faults_;
};

/// Errors: InvalidParameterValueException for a runtime that Lambda never had. The message lists AWS's runtimes.
std::optional<Error> check_runtime(std::string_view runtime);
/// Returns whether AWS no longer creates functions with this runtime, such as python3.7.
bool is_retired_runtime(std::string_view runtime);
/// Checks the runtime of a new function, or the new runtime of an existing one. Errors: InvalidParameterValueException
/// for a retired runtime; those of check_runtime(). Layers may name retired runtimes.
std::optional<Error> check_function_runtime(std::string_view runtime);
/// Errors: ValidationException for an invalid name; InvalidParameterValueException for a reserved name or above 4 KB.
std::optional<Error> check_environment(const std::map<std::string, std::string>& variables);
bool is_role_arn(std::string_view text);
extern const std::string_view role_arn_pattern;

}  // namespace osbot_aws::engine

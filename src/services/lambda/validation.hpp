#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::services {

// Checks of a function's settings that AWS words otherwise than the constraints of its model (aws/validation.hpp).

/// Returns whether AWS no longer creates functions with this runtime, such as python3.7.
bool is_retired_runtime(std::string_view runtime);
/// Checks the runtime of a new function, or the new runtime of an existing one. Errors: InvalidParameterValueException
/// for a retired runtime, and for one that Lambda never had; the message lists AWS's runtimes.
std::optional<Error> check_function_runtime(std::string_view runtime);
/// Errors: InvalidParameterValueException for a reserved name or above 4 KB.
std::optional<Error> check_environment(const std::map<std::string, std::string>& variables);

}  // namespace osbot_aws::services

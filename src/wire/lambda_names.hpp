#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::wire {

/// The parts of `FunctionName`: a name, a partial ARN or a full ARN, each with or without a qualifier. Missing parts
/// are empty. The views point into the parsed text, so that the invoke path does not allocate memory. Source:
/// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-request-FunctionName
struct Function_Name {
    std::string_view region;
    std::string_view account_id;
    std::string_view name;
    std::string_view qualifier;
};

/// Errors: ValidationException, with the service's pattern.
Result<Function_Name> parse_function_name(std::string_view text);

}  // namespace osbot_aws::wire

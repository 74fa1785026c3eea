#pragma once

#include <string>

#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::cli {

/// Returns the response of GetFunction, and its URL, aliases and event sources: {..., Url, Aliases, EventSources}. A
/// part that the user may not read is {"error": "CODE: message"}. Throws Aws_Exception if the function does not exist.
Json function_info(const Lambda& function);

/// Formats the object for people. Shows the names of environment variables only: their values may be secrets.
std::string info_text(const Json& info);

}  // namespace osbot_aws::cli

#pragma once

#include <string_view>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::aws {

/// Returns the type of a value in the words of AWS's errors: STRING_VALUE, NUMBER_VALUE, START_ARRAY ...
std::string_view json_kind(const Json& value);

/// Parses a JSON object. An empty text counts as {}. Errors: SerializationException.
Result<Json> parse_json_object(std::string_view text);

}  // namespace osbot_aws::aws

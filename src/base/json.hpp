// Parsing and serialising of JSON, compiled once: nlohmann's parser and serialiser are templates, and each file that
// uses them instantiates both again (docs/development/building.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::base {

/// Maximum nesting of arrays and objects in a parsed text. Copying, comparing and serialising a value recurse once or
/// several times for each level, so without a limit a request could overflow the stack. AWS's services have the same
/// limit. Source: StreamReadConstraints.DEFAULT_MAX_DEPTH of Jackson, their parser.
constexpr std::size_t json_depth_max = 1000;

/// Parses one JSON value. Returns a discarded value (is_discarded()) if the text is malformed or nested too deeply.
Json parse_json(std::string_view text);

/// Parses one JSON value. Throws nlohmann::json::parse_error if the text is malformed or nested too deeply.
Json parse_json_or_throw(std::string_view text);

/// Returns the shortest JSON text of a value. Throws nlohmann::json::type_error if a string is not valid UTF-8.
std::string dump_json(const Json& value);

/// Returns the JSON text of a value, with U+FFFD in place of invalid UTF-8. If `indent` is not negative, the text has
/// several lines and `indent` spaces per level.
std::string dump_json_lossy(const Json& value, int indent = -1);

}  // namespace osbot_aws::base

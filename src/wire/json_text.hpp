#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace osbot_aws::wire {

/// Checks that `text` is one JSON value (RFC 8259) without building it: payloads stay opaque bytes.
/// Strings are scanned eight bytes at a time. UTF-8 is not checked, as in Lambda.
/// Returns nullopt if the text is valid, else the error message of the service's parser.
std::optional<std::string> json_fault(std::string_view text);

/// Returns valid JSON without the spaces between its tokens. Numbers and strings are not changed.
std::string compact_json(std::string_view text);

}  // namespace osbot_aws::wire

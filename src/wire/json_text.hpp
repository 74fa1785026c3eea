#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace osbot_aws::wire {

/// Whether `text` is one JSON value (RFC 8259), without building it: payloads stay opaque bytes.
/// Strings are stepped over many bytes at a time; UTF-8 is not checked, as Lambda's front door doesn't either.
/// Nullopt: it is. Else what is wrong, in the words of the service's parser.
std::optional<std::string> json_fault(std::string_view text);

}  // namespace osbot_aws::wire

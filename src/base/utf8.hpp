#pragma once

#include <optional>
#include <string_view>

namespace osbot_aws::base {

/// Returns true if the text is valid UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view text);

/// Removes the first character from a text that is not empty, and returns it. Returns nullopt, and changes nothing, if
/// the text does not start with valid UTF-8.
std::optional<char32_t> take_utf8(std::string_view& text);

}  // namespace osbot_aws::base

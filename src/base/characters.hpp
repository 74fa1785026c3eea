#pragma once

#include <algorithm>
#include <string_view>

namespace osbot_aws::base {

// ASCII only, whatever the locale is: what patterns of AWS's models call [0-9], [a-zA-Z0-9] and [a-zA-Z0-9-_].

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }
constexpr bool is_name_character(char c) { return is_alphanumeric(c) || c == '-' || c == '_'; }

/// Of an empty text, too.
constexpr bool all_name_characters(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_name_character);
}

}  // namespace osbot_aws::base

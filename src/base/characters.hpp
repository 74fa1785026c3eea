#pragma once

#include <algorithm>
#include <string_view>

namespace osbot_aws::base {

// ASCII only, regardless of the locale: the classes [0-9], [a-zA-Z0-9] and [a-zA-Z0-9-_] of the patterns in AWS's
// models. Untrusted text is matched with these because the stack use of std::regex grows with the text.

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }  ///< as hex_encode() writes
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
constexpr bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool is_name_character(char c) { return is_alphanumeric(c) || c == '-' || c == '_'; }

/// Returns true if every character is a name character, also for an empty string.
constexpr bool all_name_characters(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_name_character);
}

/// Returns true if the text has at least one character and each one satisfies `allowed`.
template <class Allowed>
constexpr bool consists_of(std::string_view text, Allowed allowed) {
    return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

/// Removes `prefix` from `text`. Returns false, and changes nothing, if the text does not start with it.
constexpr bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// Removes the text before the first `separator`, and the separator, from `text`. Returns the removed part without the
/// separator; all of the text if there is no separator.
constexpr std::string_view take_until(std::string_view& text, char separator) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

}  // namespace osbot_aws::base

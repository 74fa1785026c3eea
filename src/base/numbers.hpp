#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace osbot_aws::base {

/// Parses the whole text as a number. Returns nullopt for white space, trailing characters or a number out of range.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace osbot_aws::base

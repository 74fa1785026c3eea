#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace osbot_aws::base {

/// The whole text as a number: no white space, nothing after it, nothing that doesn't fit.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace osbot_aws::base

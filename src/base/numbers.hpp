#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <type_traits>

namespace osbot_aws::base {

/// Parses the whole text as a whole number. Returns nullopt for white space, trailing characters or a number out of
/// range.
template <class Number>
requires std::is_integral_v<Number> std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The same for a number with a fraction or an exponent, "inf" and "nan". Unlike std::from_chars it does not need libm,
/// which would be in the zip of each program that is deployed.
std::optional<double> parse_double(std::string_view text);

}  // namespace osbot_aws::base

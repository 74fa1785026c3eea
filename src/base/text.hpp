#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace osbot_aws::base {

/// Converts A-Z to a-z and leaves other bytes unchanged.
inline std::string lower_case(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

inline std::string upper_case(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

/// Compares texts, regardless of the case of A-Z: the names of HTTP fields, for example.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Returns the text without white space, or other characters, at its start and end.
constexpr std::string_view trimmed(std::string_view text, std::string_view spaces = " \t\n\v\f\r") {
    const auto begin = text.find_first_not_of(spaces);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

}  // namespace osbot_aws::base

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

}  // namespace osbot_aws::base

#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace osbot_aws::base {

/// A to Z become a to z; other bytes stay.
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

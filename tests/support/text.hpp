#pragma once

#include <string>

namespace osbot_aws::test_support {

/// Returns the text between two others, or "".
inline std::string between(const std::string& text, const std::string& first, const std::string& last) {
    const auto begin = text.find(first);
    if (begin == std::string::npos) return "";
    return text.substr(begin + first.size(), text.find(last, begin) - begin - first.size());
}

}  // namespace osbot_aws::test_support

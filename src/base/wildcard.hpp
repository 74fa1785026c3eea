#pragma once

#include <cstddef>
#include <string_view>

namespace osbot_aws::base {

/// Returns true if `text` matches `pattern`, in which `*` matches any text, including none. With `single`, `?` matches
/// one byte. Takes a time proportional to the product of the lengths at most, without recursion.
constexpr bool matches_wildcards(std::string_view pattern, std::string_view text, bool single = false) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.size() && (pattern[p] == text[t] || (single && pattern[p] == '?'))) {
            ++p, ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace osbot_aws::base

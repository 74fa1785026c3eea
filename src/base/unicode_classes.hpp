#pragma once

#include <span>
#include <utility>

namespace osbot_aws::base {

/// Returns the ranges of characters, in ascending order, of a general category of Unicode: 'L' (letters), 'N' (numbers)
/// or 'Z' (separators). Empty for other categories.
std::span<const std::pair<char32_t, char32_t>> unicode_class(char category);

}  // namespace osbot_aws::base

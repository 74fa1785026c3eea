#pragma once

#include <string_view>

namespace osbot_aws::services {

/// Matches a text with a pattern in which `*` is any text and `?` is one character.
bool matches_wildcards(std::string_view pattern, std::string_view text);

}  // namespace osbot_aws::services

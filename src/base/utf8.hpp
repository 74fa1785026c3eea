#pragma once

#include <string_view>

namespace osbot_aws::base {

/// Returns true if the text is valid UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace osbot_aws::base

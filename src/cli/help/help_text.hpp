#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace osbot_aws::cli {

/// Wraps the lines of a help text at `width` characters; 0: no limit. The continuation of a line with two columns
/// ("  --lines N    Show the last N lines") is aligned with the second column if that leaves half of the width.
std::string wrapped_help(std::string_view help, std::size_t width);

}  // namespace osbot_aws::cli

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::client {

/// A command line as a POSIX shell splits it: quotes and backslashes, nothing expanded. Nothing: a quote is left open.
std::optional<std::vector<std::string>> split_command(std::string_view line);

}  // namespace osbot_aws::client

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::client {

/// Splits a command line like a POSIX shell, with quotes and backslashes but without expansions. Returns nothing if a
/// quote is not closed.
std::optional<std::vector<std::string>> split_command(std::string_view line);

}  // namespace osbot_aws::client

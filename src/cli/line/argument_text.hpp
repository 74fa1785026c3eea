#pragma once

#include <string>

#include "base/result.hpp"

namespace osbot_aws::cli {

/// Returns the text that an argument stands for: the argument itself, the content of FILE for `@FILE`, or standard
/// input for `-`. Errors: FileError.
Result<std::string> argument_text(const std::string& argument);

}  // namespace osbot_aws::cli

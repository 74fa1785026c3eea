#pragma once

#include <string>

#include "base/result.hpp"
#include "engine/local_engine.hpp"

namespace osbot_aws::cli {

/// Parses FUNCTION or FUNCTION:PORT. Errors: InvalidArgument.
Result<services::Debug_Target> parse_debug_target(const std::string& text);

/// Returns instructions to attach gdb or debugpy, with a configuration for an editor's launch.json. `work_folder`: the
/// engine's state folder.
std::string how_to_debug(const services::Debug_Target& target, const std::filesystem::path& work_folder);

}  // namespace osbot_aws::cli

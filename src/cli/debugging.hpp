#pragma once

#include <string>

#include "base/result.hpp"
#include "server/local_engine.hpp"

namespace osbot_aws::cli {

/// FUNCTION or FUNCTION:PORT. Errors: InvalidArgument.
Result<engine::Debug_Target> parse_debug_target(const std::string& text);

/// How to attach to it: for gdb, for debugpy, and what an editor's launch.json holds for that. `work_folder`: the
/// engine's state folder.
std::string how_to_debug(const engine::Debug_Target& target, const std::filesystem::path& work_folder);

}  // namespace osbot_aws::cli

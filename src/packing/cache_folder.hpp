#pragma once

#include <filesystem>

namespace osbot_aws::packing {

/// Returns $XDG_CACHE_HOME/osbot_aws, else ~/.cache/osbot_aws; empty if neither variable is an absolute path. The
/// folder may not exist yet.
std::filesystem::path cache_folder();

/// The start of the names of folders that are renamed when they are complete.
constexpr const char* unfinished_prefix = "unfinished";
/// Removes the unfinished folders of killed processes. Recent ones are left alone, because their program may still run.
void remove_abandoned(const std::filesystem::path& folder);

}  // namespace osbot_aws::packing

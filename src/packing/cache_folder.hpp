#pragma once

#include <filesystem>

namespace osbot_aws::packing {

/// Returns $XDG_CACHE_HOME/osbot_aws, else ~/.cache/osbot_aws; empty if neither variable is an absolute path. The
/// folder may not exist yet.
std::filesystem::path cache_folder();

}  // namespace osbot_aws::packing

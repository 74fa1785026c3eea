#pragma once

#include <cstdint>
#include <filesystem>

namespace osbot_aws::base {

/// Returns the total size in bytes of all files below a folder, or the size of a single file. Links are not followed.
/// Files that are deleted during the walk may be counted.
std::uint64_t bytes_below(const std::filesystem::path& path);

}  // namespace osbot_aws::base

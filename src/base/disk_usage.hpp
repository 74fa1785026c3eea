#pragma once

#include <cstdint>
#include <filesystem>

namespace osbot_aws::base {

/// The bytes of all files below a folder, links not followed; of a file its own. What goes away meanwhile may count.
std::uint64_t bytes_below(const std::filesystem::path& path);

}  // namespace osbot_aws::base

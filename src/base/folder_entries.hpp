#pragma once

#include <filesystem>
#include <functional>

#include "base/result.hpp"

namespace osbot_aws::base {

/// Calls `visit` with the path of each entry of a folder, until it fails.
/// Errors: FileError, naming the folder and the system's reason; those of `visit`.
Result<void> for_each_entry(const std::filesystem::path& folder,
                            const std::function<Result<void>(const std::filesystem::path&)>& visit);

}  // namespace osbot_aws::base

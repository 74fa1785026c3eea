// Functions for data that must be complete after a power failure, or be recognised as incomplete.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace osbot_aws::base {

/// Renames a folder with many files so that it is complete under the new name also after a power failure: first writes
/// everything in its file system to the disk (syncfs), because fsync of each file would be slower. Errors: FileError,
/// naming the path and the system's reason.
Result<void> rename_folder_durably(const std::filesystem::path& from, const std::filesystem::path& to);

/// Returns an identifier that changes with each boot of the host; empty if the host does not provide one.
std::string boot_id();

}  // namespace osbot_aws::base

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace osbot_aws {

/// Zips what is in the folder into `<folder>.zip` beside it, and answers that path. The same contents give the same
/// bytes on every machine. Throws Aws_Exception(FileError).
std::filesystem::path zip_folder(const std::filesystem::path& root_dir);

/// The same, in memory; `files_to_ignore` are globs.
std::string zip_folder_to_bytes(const std::filesystem::path& root_dir,
                                const std::vector<std::string>& files_to_ignore = {});

}  // namespace osbot_aws

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace osbot_aws {

/// Zips the contents of a folder, except `__pycache__`, to the file `<folder>.zip` next to it, and returns its path. An
/// existing file is replaced. The same contents result in the same bytes on every machine. Errors: Aws_Exception:
/// FileError, naming the file that cannot be read or written; CodeStorageExceeded, naming the five largest files, if
/// the contents have more than Lambda's limit of 262,144,000 bytes. Source:
/// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
std::filesystem::path zip_folder(const std::filesystem::path& root_dir);

/// Returns the bytes of the same zip without writing a file. Files are excluded if their name or relative path matches
/// a glob of `files_to_ignore`. An empty folder results in a zip without files.
std::string zip_folder_to_bytes(const std::filesystem::path& root_dir,
                                const std::vector<std::string>& files_to_ignore = {});

}  // namespace osbot_aws

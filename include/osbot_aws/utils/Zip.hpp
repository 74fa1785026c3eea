#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace osbot_aws {

/// Zips the contents of a folder, except secrets, caches and what its .osbotignore excludes, to the file `<folder>.zip`
/// next to it, and returns its path. An existing file is replaced. The same contents result in the same bytes on every
/// machine. Errors: Aws_Exception: FileError, naming the file that cannot be read or written; CodeStorageExceeded,
/// naming the five largest files, if the contents have more than Lambda's limit of 262,144,000 bytes. Source:
/// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
std::filesystem::path zip_folder(const std::filesystem::path& root_dir);

/// Returns the bytes of the same zip without writing a file. `files_to_ignore` are more
/// patterns, with the syntax of .gitignore. An empty folder results in a zip without files.
std::string zip_folder_to_bytes(const std::filesystem::path& root_dir,
                                const std::vector<std::string>& files_to_ignore = {});

}  // namespace osbot_aws

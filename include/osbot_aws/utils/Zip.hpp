#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace osbot_aws {

/// Zips what is in the folder, but for `__pycache__`, into `<folder>.zip` beside it, over what is there, and answers
/// that path. The same contents give the same bytes on every machine. Errors: Aws_Exception: FileError, naming what
/// can't be read or written; CodeStorageExceeded, naming the five largest files, over Lambda's 262,144,000 bytes.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
std::filesystem::path zip_folder(const std::filesystem::path& root_dir);

/// The bytes of the same zip, written nowhere; `files_to_ignore` are globs of names and of relative paths. A folder
/// that is empty gives a zip without files.
std::string zip_folder_to_bytes(const std::filesystem::path& root_dir,
                                const std::vector<std::string>& files_to_ignore = {});

}  // namespace osbot_aws

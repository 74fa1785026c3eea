#pragma once

#include <filesystem>
#include <optional>

#include "base/files.hpp"

namespace osbot_aws::base {

/// Opens a file for reading, for a path that a request names: it does not wait for a pipe, a device or a lease, and it
/// returns an error if the path is not a regular file. A read that would block (/proc/kmsg) fails with EAGAIN instead.
/// Errors: FileError, naming the path and the reason.
Result<Unique_Fd> open_regular_file(const std::filesystem::path& path);

/// Returns the error of open_regular_file for a file that was opened with O_NONBLOCK in another way.
std::optional<Error> irregular_file(const Unique_Fd& file, const std::filesystem::path& path);

}  // namespace osbot_aws::base

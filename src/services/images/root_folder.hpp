#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/files.hpp"
#include "base/result.hpp"

namespace osbot_aws::services {

/// A folder used as `/`: no path or link inside can lead out of it (openat2 with RESOLVE_IN_ROOT).
class Root_Folder {
public:
    /// Errors: FileError.
    static Result<Root_Folder> open(const std::filesystem::path& folder);

    /// Opens a folder below, for the *at calls. Links resolve as for a process with this root. `create` creates missing
    /// folders. Errors: FileError.
    Result<base::Unique_Fd> folder(const std::string& path, bool create = false) const;
    /// Opens a regular file below for reading. Errors: FileError.
    Result<base::Unique_Fd> file(const std::string& path) const;
    /// Reads a whole file. Errors: FileError if it cannot be opened; BadImage if it cannot be read or is larger than
    /// `bytes_max`.
    Result<std::string> read(const std::string& path, std::size_t bytes_max) const;
    /// Returns true for a regular file with an execute permission, for any user.
    bool is_program(const std::string& path) const;
    int fd() const { return fd_.fd(); }

private:
    explicit Root_Folder(base::Unique_Fd fd) : fd_(std::move(fd)) {}
    base::Unique_Fd open_below(const std::string& path, int flags) const;

    base::Unique_Fd fd_;
};

/// The maximum depth of folders in an image. Creating and deleting a folder holds one descriptor for each level, and
/// deleting recurses. Images have about 30 levels.
constexpr std::ptrdiff_t folder_depth_max = 256;
/// Returns the error for a path below more than folder_depth_max folders.
Error too_deep(std::string_view path);

/// Normalizes the path of an archive entry: removes `.` and extra slashes. The root becomes an empty path.
/// Errors: BadImage for a path with `..`, or with more than folder_depth_max parts.
Result<std::string> clean_path(std::string_view path);
/// Splits "a/b/c" into "a/b" and "c".
std::pair<std::string, std::string> split_path(const std::string& path);

/// Removes a file, or a folder with its content. A missing file is not an error. Does not follow links.
/// Errors: FileError.
Result<void> remove_at(int folder, const std::string& name);

}  // namespace osbot_aws::services

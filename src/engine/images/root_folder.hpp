#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/files.hpp"
#include "base/result.hpp"

namespace osbot_aws::engine {

/// A folder that stands for `/`: no path and no link in it leads out (openat2 with RESOLVE_IN_ROOT).
class Root_Folder {
public:
    /// Errors: FileError.
    static Result<Root_Folder> open(const std::filesystem::path& folder);

    /// A folder below, for the *at calls; links on the way are followed as a process inside would. `make`: what is
    /// missing is made. Errors: FileError.
    Result<base::Unique_Fd> folder(const std::string& path, bool make = false) const;
    /// A file below, to be read. Errors: FileError.
    Result<base::Unique_Fd> file(const std::string& path) const;
    /// All of a file of at most `bytes_max`. Errors: FileError; BadImage when it is larger.
    Result<std::string> read(const std::string& path, std::size_t bytes_max) const;
    /// A regular file that somebody may execute.
    bool is_program(const std::string& path) const;
    int fd() const { return fd_.fd(); }

private:
    explicit Root_Folder(base::Unique_Fd fd) : fd_(std::move(fd)) {}
    base::Unique_Fd open_below(const std::string& path, int flags) const;

    base::Unique_Fd fd_;
};

/// Path of an archive's entry without `.`, doubled and leading slashes; empty is the root itself.
/// Errors: BadImage for one with `..` in it.
Result<std::string> clean_path(std::string_view path);
/// "a/b/c" -> "a/b" and "c".
std::pair<std::string, std::string> split_path(const std::string& path);

/// Removes what is there, with all that is in it; nothing there is fine. Follows no link. Errors: FileError.
Result<void> remove_at(int folder, const std::string& name);

}  // namespace osbot_aws::engine

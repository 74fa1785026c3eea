#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace osbot_aws::base {

/// Owns a file descriptor and closes it.
class Unique_Fd {
public:
    Unique_Fd() = default;
    explicit Unique_Fd(int fd) : fd_(fd) {}
    ~Unique_Fd() { reset(); }
    Unique_Fd(Unique_Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Unique_Fd& operator=(Unique_Fd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }

    int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

/// A read-only memory map of a file. The file must not be truncated while it is mapped: reading past the new end would
/// terminate the process (SIGBUS).
class Mapped_File {
public:
    /// Errors: FileError, naming the path and the system's reason.
    static Result<Mapped_File> open(const std::filesystem::path& path);
    Mapped_File() = default;
    ~Mapped_File();
    Mapped_File(Mapped_File&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    Mapped_File& operator=(Mapped_File&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }

    std::string_view bytes() const { return bytes_; }

private:
    std::string_view bytes_;
};

/// A new folder below the system's temporary folder (or `parent`). The destructor removes it with its contents.
class Temporary_Folder {
public:
    explicit Temporary_Folder(std::string_view prefix = "osbot_aws", const std::filesystem::path& parent = {});
    ~Temporary_Folder();
    Temporary_Folder(const Temporary_Folder&) = delete;
    Temporary_Folder& operator=(const Temporary_Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Returns an error from errno with the code FileError: "cannot read /x/y: No such file or directory".
Error file_error(std::string_view action, const std::filesystem::path& path);

/// Returns an error of the disk as a service reports it: ServiceException, 500, "cannot write /x/y: No space left on
/// device". `reason` is an errno.
Error disk_error(std::string_view action, const std::filesystem::path& path, int reason);

// Errors of all functions below: FileError, naming the path and the system's reason.
Result<std::string> read_file(const std::filesystem::path& path);
/// Also fails for a file of more than `bytes_max` bytes, of which it reads no more.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);
/// The same for an open file, from its position. The path is for the error.
Result<std::string> read_file(const Unique_Fd& file, const std::filesystem::path& path, std::size_t bytes_max);
Result<void> write_file(const std::filesystem::path& path, std::string_view bytes);
/// Writes all bytes to an open file, whose path is for the error. errno has the reason of an error.
Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& path);
/// Replaces a file atomically: after a crash it has the old or the new content, never a part. Writes a temporary file
/// in the same folder, fsyncs it, renames it and fsyncs the folder. Use `mode` 0600 for secrets.
Result<void> write_file_durably(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0644);
Result<void> fsync_folder(const std::filesystem::path& folder);

/// Returns the first executable file with this name on PATH.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace osbot_aws::base

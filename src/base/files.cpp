#include "base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>  // mkdtemp, NOLINT(modernize-deprecated-headers): POSIX's header
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <system_error>

#include "base/environment.hpp"
#include "base/local_error.hpp"
#include "base/random.hpp"

namespace osbot_aws::base {
namespace fs = std::filesystem;

void Unique_Fd::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

Temporary_Folder::Temporary_Folder(std::string_view prefix, const fs::path& parent) {
    std::string pattern =
        ((parent.empty() ? fs::temp_directory_path() : parent) / fmt::format("{}.XXXXXX", prefix)).string();
    if (::mkdtemp(pattern.data()) == nullptr) throw Aws_Exception(file_error("create a folder like", pattern));
    path_ = pattern;
}

Temporary_Folder::~Temporary_Folder() {
    std::error_code ignored;  // a leftover in /tmp must not terminate the program
    fs::remove_all(path_, ignored);
}

Error file_error(std::string_view action, const fs::path& path) {
    const int reason = errno;
    return local_error("FileError", "cannot {} {}: {}", action, path.string(), std::strerror(reason));
}

Error disk_error(std::string_view action, const fs::path& path, int reason) {
    return {"ServiceException",
            fmt::format("cannot {} {}: {}", action, path.string(), std::generic_category().message(reason)), 500};
}

Result<Mapped_File> Mapped_File::open(const fs::path& path) {
    const Unique_Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return file_error("open", path);
    struct stat info {};
    if (::fstat(file.fd(), &info) != 0) return file_error("look at", path);
    Mapped_File mapped;
    if (info.st_size == 0) return mapped;
    const auto size = static_cast<std::size_t>(info.st_size);
    void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd(), 0);
    if (at == MAP_FAILED) return file_error("read", path);
    mapped.bytes_ = {static_cast<const char*>(at), size};
    return mapped;
}

Mapped_File::~Mapped_File() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

Result<std::string> read_file(const fs::path& path) { return read_file(path, std::numeric_limits<std::size_t>::max()); }

Result<std::string> read_file(const fs::path& path, std::size_t bytes_max) {
    const Unique_Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return file_error("open", path);
    return read_file(file, path, bytes_max);
}

Result<std::string> read_file(const Unique_Fd& file, const fs::path& path, std::size_t bytes_max) {
    struct stat info {};
    if (::fstat(file.fd(), &info) != 0) return file_error("look at", path);
    if (S_ISDIR(info.st_mode)) return (errno = EISDIR), file_error("read", path);

    // One byte more than the file's size, so that the read that detects the end of the file also has a buffer.
    std::string bytes(std::min(static_cast<std::size_t>(info.st_size), bytes_max) + 1, '\0');
    std::size_t used = 0;
    for (;;) {  // until the end of the file: files in /proc report size 0, and other files may grow
        if (used > bytes_max)
            return local_error("FileError", "cannot read {}: it is larger than the limit of {} bytes", path.string(),
                               bytes_max);
        if (used == bytes.size()) bytes.resize(bytes.size() + 4096);
        const ssize_t count = ::read(file.fd(), bytes.data() + used, bytes.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return file_error("read", path);
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
    }
    bytes.resize(used);
    return bytes;
}

Result<void> write_all(int fd, std::string_view bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return file_error("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> write_file(const fs::path& path, std::string_view bytes) {
    const Unique_Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file) return file_error("create", path);
    return write_all(file.fd(), bytes, path);
}

Result<void> write_file_durably(const fs::path& path, std::string_view bytes, unsigned mode) {
    const fs::path temporary = path.string() + "." + random_hex(8);
    {
        const Unique_Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (!file) return file_error("create", temporary);
        Result<void> written = write_all(file.fd(), bytes, temporary);
        if (written && ::fsync(file.fd()) != 0) written = file_error("fsync", temporary);
        if (!written) return ::unlink(temporary.c_str()), written;
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const Error error = file_error("rename a new file to", path);
        ::unlink(temporary.c_str());
        return error;
    }
    return fsync_folder(path.parent_path());
}

Result<void> fsync_folder(const fs::path& folder) {
    const Unique_Fd opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened) return file_error("open", folder);
    if (::fsync(opened.fd()) != 0) return file_error("fsync", folder);
    return {};
}

std::optional<fs::path> find_program(std::string_view name) {
    const std::string folders = variable("PATH", "/usr/local/bin:/usr/bin:/bin");
    std::string_view rest = folders;
    while (!rest.empty()) {
        const std::size_t colon = rest.find(':');
        const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
        std::error_code ignored;
        if (::access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate, ignored)) return candidate;
        rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
    }
    return std::nullopt;
}

}  // namespace osbot_aws::base

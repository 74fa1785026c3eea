#include "store/file_blobs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"

namespace osbot_aws::store {
namespace {

namespace fs = std::filesystem;

Error disk_error(std::string_view doing, const fs::path& path, int error) {
    return {"ServiceException",
            fmt::format("cannot {} {}: {}", doing, path.string(), std::generic_category().message(error)), 500};
}

Result<void> write_all(int fd, std::string_view bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return disk_error("write", path, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> fsync_path(const fs::path& path, int flags) {
    const base::Unique_Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags)};
    if (!fd) return disk_error("open", path, errno);
    if (::fsync(fd.fd()) != 0) return disk_error("write", path, errno);
    return {};
}

Result<Blob> hash_file(const fs::path& path) {
    const base::Unique_Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return disk_error("read", path, errno);
    base::Sha256 hash;
    std::uint64_t size = 0;
    std::string piece(256 << 10, '\0');
    while (true) {
        const ssize_t got = ::read(fd.fd(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return disk_error("read", path, errno);
        if (got == 0) break;
        hash.update(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
        size += static_cast<std::uint64_t>(got);
    }
    return Blob{base::hex_encode(hash.finish_raw()), size};
}

/// All of one file at the end of another, inside the kernel.
Result<void> append(int to, const fs::path& to_path, int from, const fs::path& from_path) {
    constexpr std::size_t piece_bytes = 64 << 20;
    while (true) {
        const ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, piece_bytes, 0);
        if (copied < 0 && errno == EINTR) continue;
        if (copied < 0) return disk_error(fmt::format("copy {} to", from_path.string()), to_path, errno);
        if (copied == 0) return {};
    }
}

dev_t device_of(const fs::path& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? found.st_dev : 0;
}

// Removes a half-made file, whatever way out.
struct Removed_At_End {
    fs::path path;
    ~Removed_At_End() {
        std::error_code ignored;
        fs::remove(path, ignored);
    }
};

}  // namespace

File_Blobs::File_Blobs(fs::path folder, fs::path temporary)
    : folder_(std::move(folder)), temporary_(std::move(temporary)) {}

Result<Blob> File_Blobs::put(std::string_view bytes) {
    const Blob blob{base::sha256_hex(bytes), bytes.size()};
    if (pardon_if_exists(blob.sha256)) return blob;

    const Removed_At_End beside{temporary_ / ("blob-" + base::random_hex(16))};
    const base::Unique_Fd fd{::open(beside.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400)};
    if (!fd) return disk_error("write", beside.path, errno);
    if (auto done = write_all(fd.fd(), bytes, beside.path); !done) return done.error();
    if (auto done = take_in(beside.path, blob.sha256); !done) return done.error();
    return blob;
}

Result<Blob> File_Blobs::adopt(const fs::path& file) {
    auto blob = hash_file(file);
    if (blob) return adopt(file, std::move(*blob));
    const Removed_At_End spent{file};
    return blob;
}

Result<Blob> File_Blobs::adopt(const fs::path& file, Blob blob) {
    const Removed_At_End spent{file};
    if (pardon_if_exists(blob.sha256)) return blob;

    if (device_of(file) == device_of(folder_)) {
        ::chmod(file.c_str(), 0400);
        if (auto done = take_in(file, blob.sha256); !done) return done.error();
        return blob;
    }
    const Removed_At_End beside{temporary_ / ("blob-" + base::random_hex(16))};  // a rename can't bring it here
    std::error_code error;
    if (!fs::copy_file(file, beside.path, error)) return disk_error("write", beside.path, error.value());
    if (auto done = take_in(beside.path, blob.sha256); !done) return done.error();
    return blob;
}

Result<Blob> File_Blobs::join(const std::vector<std::string>& sha256s) {
    const Removed_At_End joined{temporary_ / ("blob-" + base::random_hex(16))};
    const base::Unique_Fd to{::open(joined.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!to) return disk_error("write", joined.path, errno);
    for (const auto& sha256 : sha256s) {
        const base::Unique_Fd from{::open(path(sha256).c_str(), O_RDONLY | O_CLOEXEC)};
        if (!from) return disk_error("read", path(sha256), errno);
        if (auto done = append(to.fd(), joined.path, from.fd(), path(sha256)); !done) return done.error();
    }
    return adopt(joined.path);
}

fs::path File_Blobs::path(const std::string& sha256) const { return folder_ / sha256; }

bool File_Blobs::exists(const std::string& sha256) const {
    std::error_code ignored;
    return !sha256.empty() && fs::is_regular_file(path(sha256), ignored);
}

Result<std::string> File_Blobs::read(const std::string& sha256) const {
    auto bytes = base::read_file(path(sha256));
    if (!bytes) return Error{"ServiceException", bytes.error().message, 500};
    return bytes;
}

void File_Blobs::erase(const std::string& sha256) {
    std::error_code ignored;
    if (!sha256.empty()) fs::remove(path(sha256), ignored);
}

void File_Blobs::keep_only(const std::set<std::string>& sha256s) {
    std::error_code error;
    for (fs::directory_iterator entry{folder_, error}, end; !error && entry != end; entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (!sha256s.contains(name)) erase(name);
    }
}

void File_Blobs::doom_all() {
    const std::lock_guard lock{mutex_};
    std::error_code error;
    for (fs::directory_iterator entry{folder_, error}, end; !error && entry != end; entry.increment(error)) {
        doomed_.insert(entry->path().filename().string());
    }
}

void File_Blobs::erase_doomed() {
    const std::lock_guard lock{mutex_};
    for (const auto& sha256 : doomed_) erase(sha256);
    doomed_.clear();
}

void File_Blobs::pardon_doomed() {
    const std::lock_guard lock{mutex_};
    doomed_.clear();
}

bool File_Blobs::pardon_if_exists(const std::string& sha256) {
    const std::lock_guard lock{mutex_};
    doomed_.erase(sha256);
    return exists(sha256);
}

// Bytes first, then the name, then the folder that holds the name: after a crash there is a whole blob or none.
Result<void> File_Blobs::take_in(const fs::path& file, const std::string& sha256) {
    if (auto done = fsync_path(file, 0); !done) return done;
    if (::rename(file.c_str(), path(sha256).c_str()) != 0) return disk_error("write", path(sha256), errno);
    return fsync_path(folder_, O_DIRECTORY);
}

}  // namespace osbot_aws::store

#include "store/file_blobs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
#include "store/temporary_file.hpp"

namespace osbot_aws::store {
namespace {

namespace fs = std::filesystem;

using base::disk_error;

Result<void> fsync_path(const fs::path& path, int flags) {
    const base::Unique_Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags)};
    if (!fd) return disk_error("open", path, errno);
    if (::fsync(fd.fd()) != 0) return disk_error("write", path, errno);
    return {};
}

Result<Hashed> hash_file(const fs::path& path) {
    const base::Unique_Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return disk_error("read", path, errno);
    base::Sha256 hash;
    std::uint64_t size = 0;
    std::string piece(256 << 10, '\0');
    while (true) {
        const ssize_t bytes_read = ::read(fd.fd(), piece.data(), piece.size());
        if (bytes_read < 0 && errno == EINTR) continue;
        if (bytes_read < 0) return disk_error("read", path, errno);
        if (bytes_read == 0) break;
        hash.update(std::string_view(piece).substr(0, static_cast<std::size_t>(bytes_read)));
        size += static_cast<std::uint64_t>(bytes_read);
    }
    return Hashed{base::hex_encode(hash.finish_raw()), size};
}

/// Appends one file to another inside the kernel.
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

std::optional<Blob_Name> name_of(std::string_view sha256) {
    const auto raw = base::hex_decode(sha256);
    if (!raw || raw->size() != Blob_Name{}.size()) return std::nullopt;
    Blob_Name name;
    std::ranges::copy(*raw, name.begin());
    return name;
}

std::string text_of(const Blob_Name& name) { return base::hex_encode({name.data(), name.size()}); }

}  // namespace

std::string Blob::sha256() const { return text_of(name_); }

/// The blobs that have references. The caller of the member functions has locked the mutex.
struct File_Blobs::References : std::enable_shared_from_this<References> {
    Blob_Ptr hold(const Blob_Name& name, std::uint64_t size);
    Blob_Ptr find(const Blob_Name& name) const;
    bool needs_file(const Blob_Name& name) const;

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Blob_Name& name) const noexcept {
            std::size_t first = 0;  // a SHA-256 is a hash already
            std::memcpy(&first, name.data(), sizeof first);
            return first;
        }
        std::size_t operator()(const Shared_Blob* blob) const noexcept;
    };
    struct Equal {
        using is_transparent = void;
        static const Blob_Name& name(const Blob_Name& name) { return name; }
        static const Blob_Name& name(const Shared_Blob* blob);
        bool operator()(const auto& a, const auto& b) const noexcept { return name(a) == name(b); }
    };

    std::mutex mutex;
    std::unordered_set<const Shared_Blob*, Hash, Equal> blobs;
    std::unordered_set<Blob_Name, Hash, Equal> protected_names;
    /// Number of calls that renamed a file into the folder and did not fsync the folder yet, or failed to.
    std::unordered_map<Blob_Name, int, Hash, Equal> unsynced_entries;
    std::vector<Blob_Name> released;
    std::function<void()> when_released;
};

// enable_shared_from_this of the const type, because weak_from_this() is called on const objects: libstdc++ converts a
// weak_ptr to another type by locking it briefly. That would happen with the mutex locked, and if it released the last
// reference, the destructor would wait for the mutex forever.
class File_Blobs::Shared_Blob final : public Blob, public std::enable_shared_from_this<const Shared_Blob> {
public:
    Shared_Blob(std::shared_ptr<References> references, const Blob_Name& name, std::uint64_t size)
        : Blob(name, size), references_(std::move(references)) {}
    ~Shared_Blob();

private:
    const std::shared_ptr<References> references_;
};

std::size_t File_Blobs::References::Hash::operator()(const Shared_Blob* blob) const noexcept {
    return (*this)(blob->name());
}
const Blob_Name& File_Blobs::References::Equal::name(const Shared_Blob* blob) { return blob->name(); }

File_Blobs::Shared_Blob::~Shared_Blob() {
    std::function<void()> notify;
    {
        const std::lock_guard lock{references_->mutex};
        const auto self = references_->blobs.find(this);
        if (self == references_->blobs.end() || *self != this) return;  // replaced by a new object, see hold()
        references_->blobs.erase(self);
        if (references_->released.empty()) notify = references_->when_released;
        references_->released.push_back(name());
    }
    if (notify) notify();
}

Blob_Ptr File_Blobs::References::find(const Blob_Name& name) const {
    const auto found = blobs.find(name);
    return found == blobs.end() ? nullptr : (*found)->weak_from_this().lock();
}

// Does not lock the weak_ptr: releasing the last reference here would need the mutex again.
bool File_Blobs::References::needs_file(const Blob_Name& name) const {
    if (protected_names.contains(name)) return true;
    const auto found = blobs.find(name);
    return found != blobs.end() && !(*found)->weak_from_this().expired();
}

Blob_Ptr File_Blobs::References::hold(const Blob_Name& name, std::uint64_t size) {
    if (auto found = find(name)) return found;
    if (const auto expired = blobs.find(name); expired != blobs.end())
        blobs.erase(expired);  // its destructor runs next
    auto blob = std::make_shared<const Shared_Blob>(shared_from_this(), name, size);
    blobs.insert(blob.get());
    return blob;
}

File_Blobs::File_Blobs(fs::path folder, fs::path temporary)
    : folder_(std::move(folder)), temporary_(std::move(temporary)), references_(std::make_shared<References>()) {}

Result<Blob_Ptr> File_Blobs::put(std::string_view bytes) {
    const Hashed hashed{base::sha256_hex(bytes), bytes.size()};
    if (auto stored = hold_if_stored(hashed); !stored || *stored) return stored;

    const Temporary_File temporary{temporary_ / ("blob-" + base::random_hex(16))};
    const base::Unique_Fd fd{::open(temporary.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400)};
    if (!fd) return disk_error("write", temporary.path, errno);
    if (auto done = base::write_all(fd.fd(), bytes, temporary.path); !done)
        return disk_error("write", temporary.path, errno);
    return store_file(temporary.path, hashed);
}

Result<Blob_Ptr> File_Blobs::adopt(const fs::path& file) {
    const auto hashed = hash_file(file);
    if (hashed) return adopt(file, *hashed);
    const Temporary_File source{file};
    return hashed.error();
}

Result<Blob_Ptr> File_Blobs::adopt(const fs::path& file, const Hashed& hashed) {
    const Temporary_File source{file};
    if (auto stored = hold_if_stored(hashed); !stored || *stored) return stored;

    if (device_of(file) == device_of(folder_)) {
        ::chmod(file.c_str(), 0400);
        return store_file(file, hashed);
    }
    const Temporary_File temporary{temporary_ /
                                   ("blob-" + base::random_hex(16))};  // a rename cannot cross file systems
    std::error_code error;
    if (!fs::copy_file(file, temporary.path, error)) return disk_error("write", temporary.path, error.value());
    return store_file(temporary.path, hashed);
}

Result<Blob_Ptr> File_Blobs::join(const std::vector<Blob_Ptr>& parts) {
    const Temporary_File joined{temporary_ / ("blob-" + base::random_hex(16))};
    const base::Unique_Fd to{::open(joined.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!to) return disk_error("write", joined.path, errno);
    for (const auto& part : parts) {
        const base::Unique_Fd from{::open(path(*part).c_str(), O_RDONLY | O_CLOEXEC)};
        if (!from) return disk_error("read", path(*part), errno);
        OSBOT_TRY(append(to.fd(), joined.path, from.fd(), path(*part)));
    }
    return adopt(joined.path);
}

Blob_Ptr File_Blobs::hold(const std::string& sha256, std::uint64_t size) {
    const auto name = name_of(sha256);
    if (!name) return nullptr;
    const std::lock_guard lock{references_->mutex};
    return references_->hold(*name, size);
}

void File_Blobs::protect(std::string_view sha256) {
    const auto name = name_of(sha256);
    if (!name) return;
    const std::lock_guard lock{references_->mutex};
    references_->protected_names.insert(*name);
}

Blob_Ptr File_Blobs::find(const std::string& sha256) const {
    const auto name = name_of(sha256);
    if (!name) return nullptr;
    const std::lock_guard lock{references_->mutex};
    return references_->find(*name);
}

fs::path File_Blobs::path_of(const Blob_Name& name) const { return folder_ / text_of(name); }

fs::path File_Blobs::path(const Blob& blob) const { return path_of(blob.name()); }

Result<std::string> File_Blobs::read(const Blob& blob) const {
    auto bytes = base::read_file(path(blob));
    if (!bytes) return Error{"ServiceException", bytes.error().message, 500};
    return bytes;
}

void File_Blobs::when_released(std::function<void()> task) {
    std::function<void()> notify;
    {
        const std::lock_guard lock{references_->mutex};
        references_->when_released = std::move(task);
        if (!references_->released.empty()) notify = references_->when_released;
    }
    if (notify) notify();
}

std::vector<Blob_Name> File_Blobs::take_released() {
    const std::lock_guard lock{references_->mutex};
    return std::exchange(references_->released, {});
}

// Renames the file under the lock: a concurrent put() of the same bytes either references the blob first or does not
// find the file and writes a new one. Deleting a large file is slow, so that happens after the lock is released.
void File_Blobs::erase_unreferenced(const std::vector<Blob_Name>& names) {
    for (const auto& name : names) {
        const Temporary_File removed{temporary_ / ("gone-" + base::random_hex(16))};
        const std::lock_guard lock{references_->mutex};
        if (!references_->needs_file(name)) ::rename(path_of(name).c_str(), removed.path.c_str());
    }
}

void File_Blobs::erase_unreferenced() {
    std::vector<Blob_Name> names;
    std::error_code error;
    for (fs::directory_iterator entry{folder_, error}, end; !error && entry != end; entry.increment(error)) {
        if (const auto name = name_of(entry->path().filename().string())) names.push_back(*name);
    }
    erase_unreferenced(names);
}

// Returns nullptr if the blob is not stored. If another upload of the same bytes has renamed its file but not fsynced
// the folder yet, or failed to, the blob would not survive a crash: this call fsyncs the folder as well.
Result<Blob_Ptr> File_Blobs::hold_if_stored(const Hashed& hashed) {
    const Blob_Name name = name_of(hashed.sha256).value();
    Blob_Ptr blob;
    {
        const std::lock_guard lock{references_->mutex};
        std::error_code ignored;
        if (!fs::is_regular_file(path_of(name), ignored)) return Blob_Ptr{};
        blob = references_->hold(name, hashed.size);
        if (!references_->unsynced_entries.contains(name)) return blob;
    }
    OSBOT_TRY(fsync_path(folder_, O_DIRECTORY));
    return blob;
}

// First fsyncs the bytes, then renames the file, then fsyncs the folder: after a crash the blob is complete or absent.
Result<Blob_Ptr> File_Blobs::store_file(const fs::path& file, const Hashed& hashed) {
    OSBOT_TRY(fsync_path(file, 0));
    const Blob_Name name = name_of(hashed.sha256).value();
    Blob_Ptr blob;
    {
        const std::lock_guard lock{references_->mutex};
        if (::rename(file.c_str(), path_of(name).c_str()) != 0) return disk_error("write", path_of(name), errno);
        ++references_->unsynced_entries[name];
        blob = references_->hold(name, hashed.size);
    }
    OSBOT_TRY(fsync_path(folder_, O_DIRECTORY));
    const std::lock_guard lock{references_->mutex};
    if (const auto entry = references_->unsynced_entries.find(name); --entry->second == 0)
        references_->unsynced_entries.erase(entry);
    return blob;
}

}  // namespace osbot_aws::store

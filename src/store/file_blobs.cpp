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
#include <unordered_set>
#include <utility>

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

Result<Hashed> hash_file(const fs::path& path) {
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
    return Hashed{base::hex_encode(hash.finish_raw()), size};
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

/// Who holds what. A blob is known here from its first holder to its last.
struct File_Blobs::Holders : std::enable_shared_from_this<Holders> {
    Blob_Ptr hold(const Blob_Name& name, std::uint64_t size);  // all with the mutex locked
    Blob_Ptr find(const Blob_Name& name) const;
    bool has(const Blob_Name& name) const;

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Blob_Name& name) const noexcept {
            std::size_t first = 0;  // a SHA-256 is a hash already
            std::memcpy(&first, name.data(), sizeof first);
            return first;
        }
        std::size_t operator()(const Held* held) const noexcept;
    };
    struct Equal {
        using is_transparent = void;
        static const Blob_Name& name(const Blob_Name& name) { return name; }
        static const Blob_Name& name(const Held* held);
        bool operator()(const auto& a, const auto& b) const noexcept { return name(a) == name(b); }
    };

    std::mutex mutex;
    std::unordered_set<const Held*, Hash, Equal> held;
    std::vector<Blob_Name> released;
    std::function<void()> when_released;
};

// Of const, as it is looked at: libstdc++ makes a weak_ptr of another type by holding what it points to for a moment.
// That is done with the mutex locked, and letting go as the last one would wait for it for ever.
class File_Blobs::Held final : public Blob, public std::enable_shared_from_this<const Held> {
public:
    Held(std::shared_ptr<Holders> holders, const Blob_Name& name, std::uint64_t size)
        : Blob(name, size), holders_(std::move(holders)) {}
    ~Held();

private:
    const std::shared_ptr<Holders> holders_;
};

std::size_t File_Blobs::Holders::Hash::operator()(const Held* blob) const noexcept { return (*this)(blob->name()); }
const Blob_Name& File_Blobs::Holders::Equal::name(const Held* held) { return held->name(); }

File_Blobs::Held::~Held() {
    std::function<void()> tell;
    {
        const std::lock_guard lock{holders_->mutex};
        const auto self = holders_->held.find(this);
        if (self == holders_->held.end() || *self != this) return;  // somebody holds it anew
        holders_->held.erase(self);
        if (holders_->released.empty()) tell = holders_->when_released;
        holders_->released.push_back(name());
    }
    if (tell) tell();
}

Blob_Ptr File_Blobs::Holders::find(const Blob_Name& name) const {
    const auto found = held.find(name);
    return found == held.end() ? nullptr : (*found)->weak_from_this().lock();
}

// Without holding it for a moment: the last one to let go needs the mutex.
bool File_Blobs::Holders::has(const Blob_Name& name) const {
    const auto found = held.find(name);
    return found != held.end() && !(*found)->weak_from_this().expired();
}

Blob_Ptr File_Blobs::Holders::hold(const Blob_Name& name, std::uint64_t size) {
    if (auto found = find(name)) return found;
    if (const auto ending = held.find(name); ending != held.end()) held.erase(ending);  // its last holder has let go
    auto blob = std::make_shared<const Held>(shared_from_this(), name, size);
    held.insert(blob.get());
    return blob;
}

File_Blobs::File_Blobs(fs::path folder, fs::path temporary)
    : folder_(std::move(folder)), temporary_(std::move(temporary)), holders_(std::make_shared<Holders>()) {}

Result<Blob_Ptr> File_Blobs::put(std::string_view bytes) {
    const Hashed hashed{base::sha256_hex(bytes), bytes.size()};
    if (auto there = hold_if_there(hashed)) return there;

    const Removed_At_End beside{temporary_ / ("blob-" + base::random_hex(16))};
    const base::Unique_Fd fd{::open(beside.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400)};
    if (!fd) return disk_error("write", beside.path, errno);
    if (auto done = write_all(fd.fd(), bytes, beside.path); !done) return done.error();
    return take_in(beside.path, hashed);
}

Result<Blob_Ptr> File_Blobs::adopt(const fs::path& file) {
    const auto hashed = hash_file(file);
    if (hashed) return adopt(file, *hashed);
    const Removed_At_End spent{file};
    return hashed.error();
}

Result<Blob_Ptr> File_Blobs::adopt(const fs::path& file, const Hashed& hashed) {
    const Removed_At_End spent{file};
    if (auto there = hold_if_there(hashed)) return there;

    if (device_of(file) == device_of(folder_)) {
        ::chmod(file.c_str(), 0400);
        return take_in(file, hashed);
    }
    const Removed_At_End beside{temporary_ / ("blob-" + base::random_hex(16))};  // a rename can't bring it here
    std::error_code error;
    if (!fs::copy_file(file, beside.path, error)) return disk_error("write", beside.path, error.value());
    return take_in(beside.path, hashed);
}

Result<Blob_Ptr> File_Blobs::join(const std::vector<Blob_Ptr>& parts) {
    const Removed_At_End joined{temporary_ / ("blob-" + base::random_hex(16))};
    const base::Unique_Fd to{::open(joined.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!to) return disk_error("write", joined.path, errno);
    for (const auto& part : parts) {
        const base::Unique_Fd from{::open(path(*part).c_str(), O_RDONLY | O_CLOEXEC)};
        if (!from) return disk_error("read", path(*part), errno);
        if (auto done = append(to.fd(), joined.path, from.fd(), path(*part)); !done) return done.error();
    }
    return adopt(joined.path);
}

Blob_Ptr File_Blobs::hold(const std::string& sha256, std::uint64_t size) {
    const auto name = name_of(sha256);
    if (!name) return nullptr;
    const std::lock_guard lock{holders_->mutex};
    return holders_->hold(*name, size);
}

Blob_Ptr File_Blobs::find(const std::string& sha256) const {
    const auto name = name_of(sha256);
    if (!name) return nullptr;
    const std::lock_guard lock{holders_->mutex};
    return holders_->find(*name);
}

fs::path File_Blobs::path_of(const Blob_Name& name) const { return folder_ / text_of(name); }

fs::path File_Blobs::path(const Blob& blob) const { return path_of(blob.name()); }

Result<std::string> File_Blobs::read(const Blob& blob) const {
    auto bytes = base::read_file(path(blob));
    if (!bytes) return Error{"ServiceException", bytes.error().message, 500};
    return bytes;
}

void File_Blobs::when_released(std::function<void()> task) {
    std::function<void()> tell;
    {
        const std::lock_guard lock{holders_->mutex};
        holders_->when_released = std::move(task);
        if (!holders_->released.empty()) tell = holders_->when_released;
    }
    if (tell) tell();
}

std::vector<Blob_Name> File_Blobs::take_released() {
    const std::lock_guard lock{holders_->mutex};
    return std::exchange(holders_->released, {});
}

// Moved away under the lock, so that whoever puts the same bytes now finds the file and holds it before, or finds none
// and writes it anew. To remove a large one takes a while: that is done without the lock.
void File_Blobs::erase_unheld(const std::vector<Blob_Name>& names) {
    for (const auto& name : names) {
        const Removed_At_End aside{temporary_ / ("gone-" + base::random_hex(16))};
        const std::lock_guard lock{holders_->mutex};
        if (!holders_->has(name)) ::rename(path_of(name).c_str(), aside.path.c_str());
    }
}

void File_Blobs::erase_unheld() {
    std::vector<Blob_Name> names;
    std::error_code error;
    for (fs::directory_iterator entry{folder_, error}, end; !error && entry != end; entry.increment(error)) {
        if (const auto name = name_of(entry->path().filename().string())) names.push_back(*name);
    }
    erase_unheld(names);
}

Blob_Ptr File_Blobs::hold_if_there(const Hashed& hashed) {
    const Blob_Name name = name_of(hashed.sha256).value();
    const std::lock_guard lock{holders_->mutex};
    std::error_code ignored;
    return fs::is_regular_file(path_of(name), ignored) ? holders_->hold(name, hashed.size) : nullptr;
}

// Bytes first, then the name, then the folder that holds the name: after a crash there is a whole blob or none.
Result<Blob_Ptr> File_Blobs::take_in(const fs::path& file, const Hashed& hashed) {
    if (auto done = fsync_path(file, 0); !done) return done.error();
    const Blob_Name name = name_of(hashed.sha256).value();
    Blob_Ptr blob;
    {
        const std::lock_guard lock{holders_->mutex};
        if (::rename(file.c_str(), path_of(name).c_str()) != 0) return disk_error("write", path_of(name), errno);
        blob = holders_->hold(name, hashed.size);
    }
    if (auto done = fsync_path(folder_, O_DIRECTORY); !done) return done.error();
    return blob;
}

}  // namespace osbot_aws::store

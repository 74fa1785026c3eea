#include "packing/zip_cache.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
#include "packing/cache_folder.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

// Part of the key: increased when the format of the zips changes, so that old zips are not found.
constexpr const char* format = "2";
// Two changes within one tick of the file system's clock result in the same times.
constexpr std::chrono::seconds settled_after{2};
constexpr std::size_t zips_max = 16;
constexpr std::uint64_t zip_bytes_max = 1ull << 30;  // total size
constexpr std::size_t digest_bytes = 32;             // at the end of a file, because it is computed while writing

std::int64_t ns_of(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

/// Removes the least recently used zips until the limits are met. find() updates the time of a file when it is used.
Removed_Zips evict(const fs::path& folder, std::size_t count_max, std::uint64_t bytes_max, bool dry_run) {
    struct Cached_Zip {
        fs::file_time_type used_at;
        fs::path file;
        std::uint64_t bytes;
    };
    std::vector<Cached_Zip> zips;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        std::error_code error;
        const std::uint64_t bytes = entry.is_regular_file(error) ? entry.file_size(error) : 0;
        if (!error && bytes > 0) zips.push_back({entry.last_write_time(error), entry.path(), bytes});
    }
    std::sort(zips.begin(), zips.end(), [](const Cached_Zip& a, const Cached_Zip& b) { return a.used_at > b.used_at; });
    Removed_Zips removed;
    std::uint64_t total_bytes = 0;
    for (std::size_t i = 0; i < zips.size(); ++i) {
        total_bytes += zips[i].bytes;
        if (i < count_max && total_bytes <= bytes_max) continue;
        if (!dry_run) fs::remove(zips[i].file, ignored);
        ++removed.count;
        removed.bytes += zips[i].bytes;
    }
    return removed;
}

}  // namespace

std::string file_identity(const fs::path& file, base::Time now) {
    const auto settled = (now - settled_after).time_since_epoch();
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0 ||
        ns_of(info.st_ctim) > std::chrono::duration_cast<std::chrono::nanoseconds>(settled).count())
        return "";
    return fmt::format("{}.{}.{}.{}.{}", info.st_dev, info.st_ino, info.st_size, ns_of(info.st_mtim),
                       ns_of(info.st_ctim));
}

Zip_Cache::Zip_Cache(const std::vector<base::Zip_Entry>& entries, base::Time now) : folder_(cache_folder()) {
    if (folder_.empty()) return;
    base::Sha256 all;
    all.update(format);
    for (const base::Zip_Entry& entry : entries) {
        const std::string content = entry.file.empty() ? base::sha256_raw(entry.bytes) : file_identity(entry.file, now);
        if (content.empty()) return;
        all.update(
            fmt::format("{}\n{}{}{}\n{}\n", entry.path, entry.executable, entry.symlink, entry.file.empty(), content));
    }
    key_ = base::hex_encode(all.finish_raw());
}

std::optional<Zip_Cache::Found> Zip_Cache::find() const {
    if (key_.empty()) return std::nullopt;
    const fs::path file = folder_ / key_;
    auto stored = base::read_file(file);
    if (!stored || stored->size() <= digest_bytes) return std::nullopt;
    Found found{.bytes = {}, .sha256_raw = stored->substr(stored->size() - digest_bytes)};
    stored->resize(stored->size() - digest_bytes);
    found.bytes = std::move(*stored);
    if (base::sha256_raw(found.bytes) != found.sha256_raw) return std::nullopt;
    std::error_code ignored;
    fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
    return found;
}

std::string Zip_Cache::store(const std::string& bytes) const {
    std::error_code error;
    if (!key_.empty()) fs::create_directories(folder_, error);
    if (key_.empty() || error) return base::sha256_raw(bytes);

    const fs::path temporary = folder_ / fmt::format("{}.{}", key_, base::random_hex(8));
    auto written = std::async(std::launch::async, [&] { return base::write_file(temporary, bytes).has_value(); });
    std::string sha256_raw = base::sha256_raw(bytes);
    if (!written.get() || !(std::ofstream(temporary, std::ios::app | std::ios::binary) << sha256_raw << std::flush)) {
        fs::remove(temporary, error);
        return sha256_raw;
    }
    fs::permissions(temporary, fs::perms::owner_read | fs::perms::owner_write,
                    error);  // the code may be private
    fs::rename(temporary, folder_ / key_, error);
    evict(folder_, zips_max, zip_bytes_max, false);
    return sha256_raw;
}

Removed_Zips trim_zip_cache(std::uint64_t bytes_max, bool dry_run) {
    const fs::path folder = cache_folder();
    return folder.empty() ? Removed_Zips{} : evict(folder, zips_max, bytes_max, dry_run);
}

}  // namespace osbot_aws::packing

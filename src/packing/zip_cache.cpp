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

// A part of the key: zips of another way of making them are not found.
constexpr const char* format = "2";
// Two changes within one tick of the file system's clock leave the same times.
constexpr std::chrono::seconds settled_after{2};
constexpr std::size_t zips_max = 16;
constexpr std::uint64_t zip_bytes_max = 1ull << 30;  // of all of them
constexpr std::size_t digest_bytes = 32;             // at the end of a file: writing begins before it is known

std::int64_t ns_of(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

/// The newest stay: those that were used last, as finding one touches it.
Zips_Gone keep_newest(const fs::path& folder, std::size_t count_max, std::uint64_t bytes_max, bool dry_run) {
    struct Kept {
        fs::file_time_type used_at;
        fs::path file;
        std::uint64_t bytes;
    };
    std::vector<Kept> zips;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        std::error_code gone;
        const std::uint64_t bytes = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
        if (!gone && bytes > 0) zips.push_back({entry.last_write_time(gone), entry.path(), bytes});
    }
    std::sort(zips.begin(), zips.end(), [](const Kept& a, const Kept& b) { return a.used_at > b.used_at; });
    Zips_Gone gone;
    std::uint64_t kept_bytes = 0;
    for (std::size_t i = 0; i < zips.size(); ++i) {
        kept_bytes += zips[i].bytes;
        if (i < count_max && kept_bytes <= bytes_max) continue;
        if (!dry_run) fs::remove(zips[i].file, ignored);
        ++gone.count;
        gone.bytes += zips[i].bytes;
    }
    return gone;
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
    auto kept = base::read_file(file);
    if (!kept || kept->size() <= digest_bytes) return std::nullopt;
    Found found{.bytes = {}, .sha256_raw = kept->substr(kept->size() - digest_bytes)};
    kept->resize(kept->size() - digest_bytes);
    found.bytes = std::move(*kept);
    if (base::sha256_raw(found.bytes) != found.sha256_raw) return std::nullopt;
    std::error_code ignored;
    fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
    return found;
}

std::string Zip_Cache::keep(const std::string& bytes) const {
    std::error_code failed;
    if (!key_.empty()) fs::create_directories(folder_, failed);
    if (key_.empty() || failed) return base::sha256_raw(bytes);

    const fs::path beside = folder_ / fmt::format("{}.{}", key_, base::random_hex(8));
    auto written = std::async(std::launch::async, [&] { return base::write_file(beside, bytes).has_value(); });
    std::string sha256_raw = base::sha256_raw(bytes);
    if (!written.get() || !(std::ofstream(beside, std::ios::app | std::ios::binary) << sha256_raw << std::flush)) {
        fs::remove(beside, failed);
        return sha256_raw;
    }
    fs::permissions(beside, fs::perms::owner_read | fs::perms::owner_write,
                    failed);  // code may be nobody else's business
    fs::rename(beside, folder_ / key_, failed);
    keep_newest(folder_, zips_max, zip_bytes_max, false);
    return sha256_raw;
}

Zips_Gone trim_zip_cache(std::uint64_t bytes_max, bool dry_run) {
    const fs::path folder = cache_folder();
    return folder.empty() ? Zips_Gone{} : keep_newest(folder, zips_max, bytes_max, dry_run);
}

}  // namespace osbot_aws::packing

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/zip_writer.hpp"

namespace osbot_aws::packing {

/// Returns device, inode, size, mtime and ctime as a string, which changes when the file changes. Returns "" if the
/// file cannot be read, or changed in the 2 seconds before `now`: another change might not be visible in the times.
std::string file_identity(const std::filesystem::path& file, base::Time now);

/// Caches zips in cache_folder(), so that entries which did not change are not compressed again. Without a cache folder
/// and after any error, nothing is cached and the caller creates the zip.
class Zip_Cache {
public:
    /// Looks up the zip of these entries. Files are identified by file_identity().
    Zip_Cache(const std::vector<base::Zip_Entry>& entries, base::Time now);

    struct Found {
        std::string bytes, sha256_raw;
    };
    /// Returns the stored zip, or nullopt if there is none or its checksum is wrong.
    std::optional<Found> find() const;
    /// Stores a zip and returns its SHA-256 (32 bytes). The file is written on another thread during the hashing.
    std::string store(const std::string& bytes) const;

private:
    std::filesystem::path folder_;  ///< empty: no cache
    std::string key_;               ///< empty: a file has no file_identity(), so the zip is not cached
};

/// The zips that were removed from the cache, or that a dry run would remove.
struct Removed_Zips {
    std::uint64_t count = 0, bytes = 0;
};
/// Removes the least recently used zips until the rest has at most `bytes_max` bytes. A dry run removes nothing.
Removed_Zips trim_zip_cache(std::uint64_t bytes_max, bool dry_run);

}  // namespace osbot_aws::packing

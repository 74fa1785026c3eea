#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/zip_writer.hpp"

namespace osbot_aws::packing {

/// Device, inode, size and both times of a file, which is the same while they are; "" when it can't be looked at, or
/// changed just before `now`, and may again without a trace.
std::string file_identity(const std::filesystem::path& file, base::Time now);

/// Zips that were made before, so that a tree which did not change is not compressed again: below
/// $XDG_CACHE_HOME/osbot_aws, else ~/.cache/osbot_aws; none when there is neither. Whatever goes wrong with it, the zip
/// is made anew.
class Zip_Cache {
public:
    /// Of these entries; their files are told by file_identity().
    Zip_Cache(const std::vector<base::Zip_Entry>& entries, base::Time now);

    struct Found {
        std::string bytes, sha256_raw;
    };
    std::optional<Found> find() const;
    /// Its SHA-256, 32 bytes; it is written on another thread while that is computed.
    std::string keep(const std::string& bytes) const;

private:
    std::filesystem::path folder_;  ///< empty: no cache
    std::string key_;               ///< empty: a file changed a moment ago, and may again without a trace
};

/// What zips of the cache went, or would go.
struct Zips_Gone {
    std::uint64_t count = 0, bytes = 0;
};
/// Removes those that were used least lately until the rest takes no more than that; a dry run only says which.
Zips_Gone trim_zip_cache(std::uint64_t bytes_max, bool dry_run);

}  // namespace osbot_aws::packing

#include "packing/packed_files.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "packing/zip_cache.hpp"

namespace osbot_aws::packing {
namespace {

constexpr std::size_t compressed_bytes_min = 64 << 10;

}  // namespace

Result<std::string> Packed_Files::zip(const std::vector<base::Zip_Entry>& entries, base::Time now) {
    std::vector<base::Packed_Ptr> all;
    std::map<std::string, base::Packed_Ptr> used;
    for (const base::Zip_Entry& entry : entries) {
        const std::string identity = entry.file.empty() ? "" : file_identity(entry.file, now);
        OSBOT_TRY(auto packed_file, packed(entry, identity));
        if (!identity.empty() && packed_file->size >= compressed_bytes_min) used[identity] = packed_file;
        all.push_back(std::move(packed_file));
    }
    previous_ = std::move(used);
    return base::write_zip(entries, std::move(all));
}

Result<base::Packed_Ptr> Packed_Files::packed(const base::Zip_Entry& entry, const std::string& identity) {
    if (const auto found = previous_.find(identity); found != previous_.end()) return found->second;
    std::error_code unreadable;
    const bool compress =
        !identity.empty() && std::filesystem::file_size(entry.file, unreadable) >= compressed_bytes_min && !unreadable;
    return base::pack_entry(entry, compress ? base::Compression::deflate : base::Compression::none);
}

}  // namespace osbot_aws::packing

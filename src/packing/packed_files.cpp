#include "packing/packed_files.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "packing/zip_cache.hpp"

namespace osbot_aws::packing {
namespace {

constexpr std::size_t worth_compressing_bytes = 64 << 10;

}  // namespace

Result<std::string> Packed_Files::zip(const std::vector<base::Zip_Entry>& entries, base::Time now) {
    std::vector<base::Packed_Ptr> all;
    std::map<std::string, base::Packed_Ptr> used;
    for (const base::Zip_Entry& entry : entries) {
        const std::string identity = entry.file.empty() ? "" : file_identity(entry.file, now);
        auto one = packed(entry, identity);
        if (!one) return one.error();
        if (!identity.empty() && (*one)->size >= worth_compressing_bytes) used[identity] = *one;
        all.push_back(std::move(*one));
    }
    kept_ = std::move(used);
    return base::write_zip(entries, std::move(all));
}

Result<base::Packed_Ptr> Packed_Files::packed(const base::Zip_Entry& entry, const std::string& identity) {
    if (const auto kept = kept_.find(identity); kept != kept_.end()) return kept->second;
    std::error_code unreadable;
    const bool worth_it = !identity.empty() &&
                          std::filesystem::file_size(entry.file, unreadable) >= worth_compressing_bytes && !unreadable;
    return base::pack_entry(entry, worth_it ? base::Compression::usual : base::Compression::none);
}

}  // namespace osbot_aws::packing

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::base {

/// An entry for write_zip().
struct Zip_Entry {
    std::string path;            ///< '/' between parts
    std::filesystem::path file;  ///< the source of the content; empty: `bytes` is the content
    std::string bytes;
    bool executable = false;
    bool symlink = false;  ///< `bytes` is the target
};

/// The content of an entry as it is stored in a zip.
struct Packed_Entry {
    std::string data;
    std::uint32_t crc = 0, size = 0;  ///< of the content
    bool deflated = false;            ///< false: stored without compression
};
using Packed_Ptr = std::shared_ptr<const Packed_Entry>;
enum class Compression { none, deflate };
/// Reads and compresses one entry. Errors: FileError, ZipTooLarge.
Result<Packed_Ptr> pack_entry(const Zip_Entry& entry, Compression compression);

/// Writes a deterministic zip: equal input produces equal bytes on every machine. The order of the entries is
/// preserved, all dates are 1980-01-01, modes are 0644 or 0755. Entries are compressed on all cores and stored if
/// compression does not make them smaller. Errors: FileError if a file cannot be read; ZipTooLarge above 4 GiB or
/// 65,535 entries (Lambda's limits are far below).
Result<std::string> write_zip(const std::vector<Zip_Entry>& entries);
/// Writes a zip of entries that are already packed; `packed` has one element for each entry.
Result<std::string> write_zip(const std::vector<Zip_Entry>& entries, std::vector<Packed_Ptr> packed);

}  // namespace osbot_aws::base

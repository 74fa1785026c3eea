#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::base {

/// One entry of a zip to be written.
struct Zip_Entry {
    std::string path;            ///< '/' between parts
    std::filesystem::path file;  ///< read when writing; empty: `bytes`
    std::string bytes;
    bool executable = false;
    bool symlink = false;  ///< bytes are the target
};

/// An entry's content as a zip holds it.
struct Packed_Entry {
    std::string data;
    std::uint32_t crc = 0, size = 0;  ///< of the content
    bool deflated = false;            ///< false: as it is
};
using Packed_Ptr = std::shared_ptr<const Packed_Entry>;
enum class Compression { none, usual };
/// Errors: FileError, ZipTooLarge.
Result<Packed_Ptr> pack_entry(const Zip_Entry& entry, Compression compression);

/// A deterministic zip: entries in the order given, all from 1980-01-01, modes 0644 or 0755. Compressed on all cores;
/// what does not shrink is stored. Equal input gives equal bytes on every machine. Errors: FileError of a file that
/// can't be read; ZipTooLarge past 4 GiB or 65,535 entries (Lambda's limits are far below).
Result<std::string> write_zip(const std::vector<Zip_Entry>& entries);
/// The same of entries that are packed already, one each.
Result<std::string> write_zip(const std::vector<Zip_Entry>& entries, std::vector<Packed_Ptr> packed);

}  // namespace osbot_aws::base

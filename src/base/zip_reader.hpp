#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::base {

/// Reads untrusted zip files. Opening a zip checks every name and size, so that extraction cannot leave the folder or
/// fill the disk. Rejects `..`, absolute names, entries below a file or a link, and duplicates.
///
/// Errors of all members: BadZip, naming the problem and the entry; ZipTooLarge above the limit.
class Zip_Reader {
public:
    struct Entry {
        std::string path;        ///< relative, '/' between parts, none of them `..`
        std::uint64_t size = 0;  ///< unpacked
        bool folder = false;
        bool executable = false;
        /// The rights of users other than the owner; all of them if the zip was not made on Unix.
        bool readable_by_others = true, executable_by_others = false;
        bool symlink = false;
        std::size_t index = 0;  ///< in entries()
    };

    /// Opens a zip in memory. `unpacked_bytes_max` limits the sum of the sizes in the headers. An entry that is larger
    /// than its header declares fails when it is read.
    static Result<Zip_Reader> open_bytes(std::string_view bytes, std::uint64_t unpacked_bytes_max = 1ull << 30);
    /// Opens a zip file through Mapped_File: the file must not change while the reader exists.
    static Result<Zip_Reader> open_file(const std::filesystem::path& file,
                                        std::uint64_t unpacked_bytes_max = 1ull << 30);
    ~Zip_Reader();
    Zip_Reader(Zip_Reader&&) noexcept;
    Zip_Reader& operator=(Zip_Reader&&) noexcept;

    const std::vector<Entry>& entries() const;
    std::uint64_t unpacked_bytes() const;
    /// Returns the bytes of one entry and verifies its checksum.
    Result<std::string> read(const Entry& entry) const;
    enum class Rights {
        of_owner,  ///< files are readable; executable bits are preserved
        of_others  ///< a user other than the owner of the files runs them, as on Lambda: its rights are those of all
    };
    /// Extracts all entries to a new or empty folder. If the target of a link is not below the folder, nothing is
    /// written.
    Result<void> extract_to(const std::filesystem::path& folder, Rights rights = Rights::of_owner) const;

private:
    struct Impl;
    explicit Zip_Reader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace osbot_aws::base

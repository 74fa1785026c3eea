#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::base {

/// A zip as strangers send it. Opening it checks every name and size, so that what follows can't leave a folder or fill
/// a disk: no `..`, no absolute name, nothing below a file or a link, nothing twice.
///
/// Errors of all members: BadZip, saying what is wrong and with which entry; ZipTooLarge past the limit.
class Zip_Reader {
public:
    struct Entry {
        std::string path;        ///< relative, '/' between parts, none of them `..`
        std::uint64_t size = 0;  ///< unpacked
        bool folder = false;
        bool executable = false;
        bool symlink = false;
        std::size_t index = 0;  ///< in entries()
    };

    /// `unpacked_bytes_max`: of all entries together, as their headers say; inflating stops where a header lied.
    static Result<Zip_Reader> open_bytes(std::string_view bytes, std::uint64_t unpacked_bytes_max = 1ull << 30);
    /// As Mapped_File::open() reads it: of a file that stays as it is.
    static Result<Zip_Reader> open_file(const std::filesystem::path& file,
                                        std::uint64_t unpacked_bytes_max = 1ull << 30);
    ~Zip_Reader();
    Zip_Reader(Zip_Reader&&) noexcept;
    Zip_Reader& operator=(Zip_Reader&&) noexcept;

    const std::vector<Entry>& entries() const;
    std::uint64_t unpacked_bytes() const;
    /// The bytes of one entry, its checksum verified.
    Result<std::string> read(const Entry& entry) const;
    /// Into a folder that is new or empty. Run bits are kept; links may only lead to places below the folder. Nothing
    /// is written when a link may not be made.
    Result<void> extract_to(const std::filesystem::path& folder) const;

private:
    struct Impl;
    explicit Zip_Reader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace osbot_aws::base

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/zip_writer.hpp"
#include "packing/folder_filter.hpp"
#include "packing/packed_files.hpp"

namespace osbot_aws::packing {

using Entry = base::Zip_Entry;

/// The entries of a zip. Adding an entry with an existing path replaces that entry.
class Package {
public:
    void add(Entry entry);
    /// Adds a file under its own name, below `folder`. Errors: FileError.
    Result<void> add_file(const std::filesystem::path& file, std::string_view folder = "");
    /// Adds the folder's contents under `prefix`, except what the rules exclude (folder_filter.hpp). Executable bits
    /// and links inside the folder are preserved. A link to a file outside of the folder is replaced by the file. A
    /// link to an excluded file is excluded. Errors: FileError, naming the file that cannot be read or the link that
    /// leads to a folder outside; InvalidPattern.
    Result<void> add_folder(const std::filesystem::path& folder, std::string_view prefix = "",
                            const Folder_Rules& rules = {});

    /// Adds the entries of another package whose paths do not exist in this one.
    void add_missing(const Package& other);

    /// Removes the entries of a folder, or the link of this name.
    void remove_folder(std::string_view folder);

    const std::vector<Entry>& entries() const { return entries_; }  ///< sorted by path
    /// Files and folders that add_folder() excluded, in order of addition. An excluded folder is one element.
    const std::vector<std::string>& left_out() const { return left_out_; }
    bool empty() const { return entries_.empty(); }

    struct Zip {
        std::string bytes;
        std::string sha256_base64;  ///< AWS's CodeSha256
        std::uint64_t unpacked_bytes = 0;
    };
    /// Creates a deterministic zip (sorted names, fixed times): equal input produces equal bytes on every machine. Uses
    /// all cores; a large package that did not change is read from a cache (zip_cache.hpp).
    /// Errors: FileError; CodeStorageExceeded above 250 MB unpacked (names the five largest files).
    /// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    Result<Zip> zip() const;
    /// Creates a larger zip in less time: reuses the files compressed for the previous zip and compresses little else.
    /// A package above 32 MB is zipped by zip().
    Result<Zip> quick_zip(Packed_Files& before) const;

private:
    Result<std::uint64_t> unpacked_bytes() const;

    std::vector<Entry> entries_;
    std::vector<std::string> left_out_;
};

/// Lambda's limit for the unpacked size of a package with its layers.
constexpr std::uint64_t unpacked_bytes_max = 262'144'000;

/// Adds an executable, the shared objects it is linked with, and a launcher named `bootstrap`, for provided.al2023.
/// libc and its loader are added if any of them requires a newer glibc than that system has (2.34). A static executable
/// is added as `bootstrap` itself. Errors: NotExecutable; ArchitectureMismatch, naming both architectures, if the
/// executable is not built for `architecture` (x86_64 | arm64).
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
Result<void> add_executable(Package& package, const std::filesystem::path& executable, std::string_view architecture);

}  // namespace osbot_aws::packing

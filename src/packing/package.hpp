#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/zip_writer.hpp"
#include "packing/packed_files.hpp"

namespace osbot_aws::packing {

using Entry = base::Zip_Entry;

/// What goes into one zip; adding a path again replaces it.
class Package {
public:
    void add(Entry entry);
    /// Under its own name, below `folder`. Errors: FileError.
    Result<void> add_file(const std::filesystem::path& file, std::string_view folder = "");
    /// The folder's contents under `prefix`; `ignore` are globs on names and on relative paths. Run bits stay, and so
    /// do symlinks inside the folder; of those that lead out of it, the file they lead to goes along. __pycache__ never
    /// does, as it would differ from machine to machine.
    /// Errors: FileError, naming what can't be read, or the link when it leads to a folder outside.
    Result<void> add_folder(const std::filesystem::path& folder, std::string_view prefix = "",
                            const std::vector<std::string>& ignore = {});

    const std::vector<Entry>& entries() const { return entries_; }  ///< in order of paths
    bool empty() const { return entries_.empty(); }

    struct Zip {
        std::string bytes;
        std::string sha256_base64;  ///< AWS's CodeSha256
        std::uint64_t unpacked_bytes = 0;
    };
    /// Deterministic: sorted names, fixed times; equal input gives equal bytes on every machine. All cores; a large
    /// package that did not change comes from a cache (zip_cache.hpp).
    /// Errors: FileError; CodeStorageExceeded past 250 MB unpacked (names the five largest).
    /// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    Result<Zip> zip() const;
    /// Sooner and larger, with what was packed before; a package that is large is zipped as zip() does it.
    Result<Zip> quick_zip(Packed_Files& before) const;

private:
    Result<std::uint64_t> unpacked_bytes() const;

    std::vector<Entry> entries_;
};

/// Lambda's limit of a package, unpacked and with its layers.
constexpr std::uint64_t unpacked_bytes_max = 262'144'000;

/// Adds an executable, the shared objects it is started with, and a launcher named `bootstrap`, for provided.al2023.
/// libc and its loader go along when anything requires a newer GLIBC than that system has. A static executable becomes
/// `bootstrap` itself. Errors: NotExecutable; ArchitectureMismatch, naming both, when it is an ELF for another than
/// `architecture` (x86_64 | arm64). Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
Result<void> add_executable(Package& package, const std::filesystem::path& executable, std::string_view architecture);

}  // namespace osbot_aws::packing

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::packing {

/// A file of a package before it is packed: where in the zip, and its bytes or the file that has them.
struct Entry {
    std::string path;              ///< in the zip, '/' between parts, relative
    std::filesystem::path file;    ///< read when packing; empty: `bytes`
    std::string bytes;
    bool executable = false;
    bool symlink = false;          ///< `bytes` is the target
};

/// What goes into one zip, sorted by path when packed; adding a path again replaces it.
class Package {
public:
    void add(Entry entry);
    void add_file(const std::filesystem::path& file, std::string_view folder = "");
    /// The folder's contents under `prefix`; `ignore` are globs on names and on relative paths. Symlinks stay symlinks, run bits stay.
    Result<void> add_folder(const std::filesystem::path& folder, std::string_view prefix = "", const std::vector<std::string>& ignore = {});
    const std::vector<Entry>& entries() const;  ///< in order of paths
    std::vector<std::string> paths() const;

    struct Zip {
        std::string bytes;
        std::string sha256_base64;  ///< = AWS's CodeSha256
        std::uint64_t unpacked_bytes = 0;
    };
    /// Deterministic: sorted names, fixed times; equal input gives equal bytes on every machine. All cores.
    /// Errors: a file that can't be read; more than 250 MB unpacked (names the five largest).
    Result<Zip> zip() const;

private:
    mutable std::vector<Entry> entries_;
    mutable bool sorted_ = true;
};

/// Adds this running program (or `executable`), the shared objects it was started with and a launcher named `bootstrap`, for
/// provided.al2023: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
/// Errors: an ELF for another architecture than `architecture` (x86_64 | arm64), naming both.
Result<void> add_executable(Package& package, const std::filesystem::path& executable, std::string_view architecture);

}  // namespace osbot_aws::packing

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/result.hpp"

namespace osbot_aws::services {

/// Maximum size of an archive, as a file and unpacked. An image has 10 GB at most (Image_Budget); `docker save` may put
/// several into one archive. Without a limit, a worker would read a sparse file or a compressed run of zeros for hours.
constexpr std::int64_t archive_bytes_max = 20'000'000'000;

/// Reads a tar archive sequentially, uncompressed or compressed with gzip or zstd. Paths are returned unchanged: the
/// caller must validate them.
class Tar_Reader {
public:
    struct Entry {
        enum class Kind { file, folder, symbolic_link, hard_link, other };
        Kind kind = Kind::other;
        std::string path;
        std::string link;  ///< target of a link
        unsigned mode = 0;
        std::int64_t modified_s = 0;
        long modified_ns = 0;
    };

    /// Takes ownership of the file and reads from its current position. Reads fail after `bytes_max`.
    explicit Tar_Reader(base::Unique_Fd file, std::int64_t bytes_max = archive_bytes_max);
    ~Tar_Reader();
    Tar_Reader(Tar_Reader&&) noexcept;

    /// Reads the next entry. Returns false after the last one. Errors: BadImage if the file is not a tar or is damaged.
    Result<bool> next(Entry& entry);
    /// Passes the entry's bytes to `piece` in blocks. Stops if `piece` fails.
    /// Errors: those of next() and of `piece`.
    Result<void> read(const std::function<Result<void>(std::string_view)>& piece);
    /// Reads to the end and returns the SHA-256 of the file on the disk, in hex digits. Errors: FileError.
    Result<std::string> sha256();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace osbot_aws::services

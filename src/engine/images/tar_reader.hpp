#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/result.hpp"

namespace osbot_aws::engine {

/// Reads a tar, plain or compressed with gzip or zstd, from front to back. What an entry may do is for the caller to
/// say: paths come as they are written.
class Tar_Reader {
public:
    struct Entry {
        enum class Kind { file, folder, symbolic_link, hard_link, other };
        Kind kind = Kind::other;
        std::string path;
        std::string link;  ///< where a link leads
        unsigned mode = 0;
        std::int64_t modified_s = 0;
        long modified_ns = 0;
    };

    /// Takes the file over, read from where it stands.
    explicit Tar_Reader(base::Unique_Fd file);
    ~Tar_Reader();
    Tar_Reader(Tar_Reader&&) noexcept;

    /// False: that was the last one. Errors: BadImage when it is no tar, or a broken one; FileError.
    Result<bool> next(Entry& entry);
    /// The bytes of the entry, in pieces; an error of `piece` ends it. Errors: as next().
    Result<void> read(const std::function<Result<void>(std::string_view)>& piece);
    /// Reads on to the end: the SHA-256 of the file as it is on the disk, in hex digits. Errors: FileError.
    Result<std::string> sha256();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace osbot_aws::engine

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/blob.hpp"

namespace osbot_aws::store {

/// What somebody else has found out about a file's bytes.
struct Hashed {
    std::string sha256;  ///< lower-case hex
    std::uint64_t size = 0;
};

/// Content-addressed files: equal bytes are kept once. A blob is on disk and fsynced before put returns.
///
/// Threads: any; putting the same bytes twice at once is fine.
class Blobs {
public:
    virtual ~Blobs() = default;

    /// Errors: ServiceException, naming the disk's error.
    virtual Result<Blob_Ptr> put(std::string_view bytes) = 0;
    /// Takes the file over (it is renamed or removed).
    virtual Result<Blob_Ptr> adopt(const std::filesystem::path& file) = 0;
    /// The same for a file whose bytes were hashed while they were written.
    virtual Result<Blob_Ptr> adopt(const std::filesystem::path& file, const Hashed& hashed) = 0;
    /// One blob of several, one after the other. Errors: ServiceException.
    virtual Result<Blob_Ptr> join(const std::vector<Blob_Ptr>& parts) = 0;
    /// What a record names; nullptr when that is no SHA-256. Whether its file is there shows when it is read.
    virtual Blob_Ptr hold(const std::string& sha256, std::uint64_t size) = 0;
    /// Nullptr when nobody holds it.
    virtual Blob_Ptr find(const std::string& sha256) const = 0;

    /// Where the bytes are; the file is read-only and may be opened, mapped or sent, not changed.
    virtual std::filesystem::path path(const Blob& blob) const = 0;
    /// ServiceException when it is missing or can't be read.
    virtual Result<std::string> read(const Blob& blob) const = 0;

    /// `task` is called on any thread when there is something to take; not again until it was taken.
    virtual void when_released(std::function<void()> task) = 0;
    /// The blobs that nobody holds any more. Their bytes stay until erase_unheld(), because a record on the disk may
    /// name them still.
    virtual std::vector<Blob_Name> take_released() = 0;
    /// Of these, what nobody holds (again).
    virtual void erase_unheld(const std::vector<Blob_Name>& names) = 0;
    /// Of all: at start, when everybody holds what is theirs, what a killed process left.
    virtual void erase_unheld() = 0;
};

}  // namespace osbot_aws::store

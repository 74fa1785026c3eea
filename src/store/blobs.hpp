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

/// The hash and the size of a file, computed by the caller.
struct Hashed {
    std::string sha256;  ///< lower-case hex
    std::uint64_t size = 0;
};

/// Content-addressed files: equal bytes are stored once. A blob is on the disk and fsynced before put() returns.
///
/// Threads: any; the same bytes may be put concurrently.
class Blobs {
public:
    virtual ~Blobs() = default;

    /// Stores bytes. Errors: ServiceException, naming the disk's error.
    virtual Result<Blob_Ptr> put(std::string_view bytes) = 0;
    /// Stores a file and takes ownership of it: the file is renamed or removed.
    virtual Result<Blob_Ptr> adopt(const std::filesystem::path& file) = 0;
    /// Stores a file that was hashed while it was written.
    virtual Result<Blob_Ptr> adopt(const std::filesystem::path& file, const Hashed& hashed) = 0;
    /// Concatenates blobs to a new one. Errors: ServiceException.
    virtual Result<Blob_Ptr> join(const std::vector<Blob_Ptr>& parts) = 0;
    /// Returns a reference to the blob that a record names, or nullptr if `sha256` is not a SHA-256. A missing file is
    /// detected only when it is read.
    virtual Blob_Ptr hold(const std::string& sha256, std::uint64_t size) = 0;
    /// Returns a reference to the blob that a record names. Throws Aws_Exception (ServiceException) if `sha256` is not
    /// a SHA-256.
    Blob_Ptr hold_or_throw(const std::string& sha256, std::uint64_t size) {
        if (auto blob = hold(sha256, size)) return blob;
        throw Aws_Exception(Error{"ServiceException", "a blob is named by an invalid SHA-256", 500});
    }
    /// Protects the file of the blob with this hash from erase_unreferenced() until the process ends. Has no effect if
    /// `sha256` is not a SHA-256.
    virtual void protect(std::string_view sha256) = 0;
    /// Returns the blob with this hash, or nullptr if it has no reference.
    virtual Blob_Ptr find(const std::string& sha256) const = 0;

    /// Returns the path of the blob's file. The file is read-only: it may be opened, mapped or sent, not changed.
    virtual std::filesystem::path path(const Blob& blob) const = 0;
    /// Returns the blob's bytes. Errors: ServiceException if the file is missing or cannot be read.
    virtual Result<std::string> read(const Blob& blob) const = 0;

    /// Sets the task that is called, on any thread, when a blob is released. It is not called again before
    /// take_released().
    virtual void when_released(std::function<void()> task) = 0;
    /// Returns the blobs whose last reference was released since the previous call. Their files stay until
    /// erase_unreferenced(), because a record on the disk may still name them.
    virtual std::vector<Blob_Name> take_released() = 0;
    /// Deletes the files of those blobs that still have no reference.
    virtual void erase_unreferenced(const std::vector<Blob_Name>& names) = 0;
    /// Deletes the files of all blobs without a reference. Called at start, after all records are loaded, to remove
    /// files that a killed process left.
    virtual void erase_unreferenced() = 0;
};

}  // namespace osbot_aws::store

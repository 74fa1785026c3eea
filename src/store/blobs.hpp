#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::store {

/// One immutable run of bytes, named by its content.
struct Blob {
    std::string sha256;  ///< lower-case hex, 64 characters
    std::uint64_t size = 0;
};

/// Content-addressed files: equal bytes are kept once. A blob is on disk and fsynced before put returns.
///
/// Threads: any; putting the same bytes twice at once is fine.
class Blobs {
public:
    virtual ~Blobs() = default;

    /// Errors: ServiceException, naming the disk's error.
    virtual Result<Blob> put(std::string_view bytes) = 0;
    /// Takes the file over (it is renamed or removed).
    virtual Result<Blob> adopt(const std::filesystem::path& file) = 0;
    /// One blob of several, one after the other. Errors: ServiceException.
    virtual Result<Blob> join(const std::vector<std::string>& sha256s) = 0;
    /// The same for a file whose bytes were hashed while they were written.
    virtual Result<Blob> adopt(const std::filesystem::path& file, Blob hashed) = 0;
    /// Where the bytes are; the file is read-only and may be opened, mapped or sent, not changed.
    virtual std::filesystem::path path(const std::string& sha256) const = 0;
    virtual bool exists(const std::string& sha256) const = 0;
    /// ServiceException when it is missing or can't be read.
    virtual Result<std::string> read(const std::string& sha256) const = 0;
    /// Only for bytes that nobody else can name: S3 objects and functions share a blob when their bytes are equal.
    virtual void erase(const std::string& sha256) = 0;
    /// Erases all others: at start, with what the services still name.
    virtual void keep_only(const std::set<std::string>& sha256s) = 0;
};

}  // namespace osbot_aws::store

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "store/blobs.hpp"

namespace osbot_aws::store {

/// A slice of a blob, such as a part of an object.
struct Blob_Slice {
    Blob_Ptr blob;
    std::uint64_t offset = 0, size = 0;
};

/// Reads slices of blobs one after another.
///
/// Threads: one at a time.
class Blob_Reader {
public:
    Blob_Reader(const Blobs& blobs, std::vector<Blob_Slice> slices) : blobs_(blobs), slices_(std::move(slices)) {}

    bool finished() const { return next_ == slices_.size(); }
    /// Replaces `bytes` by the next bytes of one slice, at most `bytes_max`; "" at the end. Blocks on the disk.
    /// Errors: ServiceException.
    Result<void> read(std::string& bytes, std::size_t bytes_max);

private:
    const Blobs& blobs_;
    std::vector<Blob_Slice> slices_;
    std::size_t next_ = 0;
    base::Unique_Fd file_;
};

}  // namespace osbot_aws::store

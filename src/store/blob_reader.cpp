#include "store/blob_reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace osbot_aws::store {

Result<void> Blob_Reader::read(std::string& bytes, std::size_t bytes_max) {
    while (!finished() && slices_[next_].size == 0) ++next_;
    if (finished()) return bytes.clear(), Result<void>{};
    Blob_Slice& slice = slices_[next_];
    const auto path = blobs_.path(*slice.blob);
    if (!file_) file_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file_) return base::disk_error("read", path, errno);
    bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(slice.size, bytes_max)));
    ssize_t count = -1;
    do count = ::pread(file_.fd(), bytes.data(), bytes.size(), static_cast<off_t>(slice.offset));
    while (count < 0 && errno == EINTR);
    if (count <= 0) return base::disk_error("read", path, count < 0 ? errno : EIO);  // 0: the file is too short
    bytes.resize(static_cast<std::size_t>(count));
    slice.offset += bytes.size();
    slice.size -= bytes.size();
    if (slice.size > 0) return {};
    file_.reset();
    ++next_;
    return {};
}

}  // namespace osbot_aws::store

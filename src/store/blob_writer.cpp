#include "store/blob_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/encoding.hpp"
#include "base/random.hpp"

namespace osbot_aws::store {
namespace {

constexpr std::uint64_t written_early_bytes = 8 << 20;  // written to the disk early, so that fsync is short

}  // namespace

Blob_Writer::Blob_Writer(Blobs& blobs, const std::filesystem::path& temporary_folder)
    : blobs_(blobs), file_(temporary_folder / ("upload-" + base::random_hex(16))) {}

Result<void> Blob_Writer::open() {
    if (fd_) return {};
    fd_.reset(::open(file_.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd_) return base::disk_error("write", file_.path, errno);
    return {};
}

Result<void> Blob_Writer::write(std::string_view bytes) {
    OSBOT_TRY(open());
    hash_.update(bytes);
    if (auto written = base::write_all(fd_.fd(), bytes, file_.path); !written)
        return base::disk_error("write", file_.path, errno);
    size_ += bytes.size();
    if (size_ - early_ >= written_early_bytes) write_early();
    return {};
}

void Blob_Writer::write_early() {
    ::sync_file_range(fd_.fd(), static_cast<off64_t>(early_), static_cast<off64_t>(size_ - early_),
                      SYNC_FILE_RANGE_WRITE);
    early_ = size_;
}

Result<Blob_Ptr> Blob_Writer::finish() {
    OSBOT_TRY(open());
    fd_.reset();
    return blobs_.adopt(file_.path, {base::hex_encode(hash_.finish_raw()), size_});
}

}  // namespace osbot_aws::store

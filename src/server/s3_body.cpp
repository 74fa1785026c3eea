#include "server/s3_body.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.hpp"
#include "base/random.hpp"
#include "server/blob_body.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::server {
namespace {

constexpr std::uint64_t block_bytes = 512 << 10;
constexpr std::uint64_t read_at_once_bytes_max = 256 << 10;  // the connection may read this much on the loop

/// Reads slices for a stream, at most one block ahead of the client. The stream owns the reader; the reader has only a
/// weak reference to the stream.
class Slice_Reader : public std::enable_shared_from_this<Slice_Reader> {
public:
    Slice_Reader(engine::Context& context, std::vector<S3_Slice> slices)
        : context_(context), slices_(std::move(slices)) {}

    static std::shared_ptr<wire::Body_Stream> stream(engine::Context& context, std::vector<S3_Slice> slices) {
        auto stream = std::make_shared<wire::Body_Stream>();
        auto reader = std::make_shared<Slice_Reader>(context, std::move(slices));
        stream->on_demand([reader, to = std::weak_ptr(stream)] {
            reader->requested_ = true;
            reader->read_next(to);
        });
        return stream;
    }

private:
    void read_next(const std::weak_ptr<wire::Body_Stream>& to) {
        if (reading_) return;
        if (requested_ && have_read_) hand_over(to);
        if (reading_ || have_read_ || finished()) return;  // hand_over() may have started the next read
        reading_ = true;
        context_.loop.run_blocking([self = shared_from_this()] { self->read_block(); },
                                   [self = shared_from_this(), to] {
                                       self->reading_ = false;
                                       self->have_read_ = true;
                                       self->read_next(to);
                                   });
    }
    bool finished() const { return failed_ || next_ == slices_.size(); }

    // Runs on a worker; the loop does not use this object in the meantime.
    void read_block() {
        auto& slice = slices_[next_];
        if (!file_) file_.reset(::open(context_.store.blobs().path(*slice.blob).c_str(), O_RDONLY | O_CLOEXEC));
        block_.resize(static_cast<std::size_t>(std::min(slice.size, block_bytes)));
        ssize_t got = -1;
        do got = ::pread(file_.fd(), block_.data(), block_.size(), static_cast<off_t>(slice.offset));
        while (got < 0 && errno == EINTR);
        failed_ = got <= 0;
        block_.resize(failed_ ? 0 : static_cast<std::size_t>(got));
        slice.offset += block_.size();
        slice.size -= block_.size();
        if (slice.size > 0) return;
        file_.reset();
        ++next_;
    }

    void hand_over(const std::weak_ptr<wire::Body_Stream>& to) {
        requested_ = have_read_ = false;
        const auto stream = to.lock();
        if (!stream) return;
        stream->write(block_);
        if (finished()) stream->end({.complete = !failed_, .trailers = {}});
    }

    engine::Context& context_;
    std::vector<S3_Slice> slices_;
    std::size_t next_ = 0;
    base::Unique_Fd file_;
    std::string block_;
    bool requested_ = false, reading_ = false, have_read_ = false, failed_ = false;
};

Error disk_error() {
    return {"ServiceException", fmt::format("the bytes could not be copied: {}", std::strerror(errno)), 500};
}

Result<void> append(int to, int from, const S3_Slice& slice) {
    auto offset = static_cast<off_t>(slice.offset);
    for (auto bytes_left = slice.size; bytes_left > 0;) {
        const ssize_t copied = ::copy_file_range(from, &offset, to, nullptr, bytes_left, 0);
        if (copied < 0 && errno == EINTR) continue;
        if (copied <= 0) return disk_error();
        bytes_left -= static_cast<std::uint64_t>(copied);
    }
    return {};
}

}  // namespace

std::vector<S3_Slice> slices_of(const engine::S3_Object& object, Byte_Range range) {
    if (object.parts.empty()) return {{object.blob, range.first, range.size}};
    std::vector<S3_Slice> slices;
    for (const auto& part : object.parts) {
        const auto part_size = part.blob->size();
        if (range.first < part_size && range.size > 0) {
            const auto size = std::min(part_size - range.first, range.size);
            slices.push_back({part.blob, range.first, size});
            range = {part_size, range.size - size};  // the next part is read from its start
        }
        range.first -= std::min(range.first, part_size);
    }
    return slices;
}

wire::Body object_body(engine::Context& context, const engine::S3_Object& object, Byte_Range range) {
    if (range.size == 0) return {};
    auto slices = slices_of(object, range);
    if (slices.size() == 1 && range.size <= read_at_once_bytes_max) {
        const auto& slice = slices.front();
        return blob_body(context.store.blobs(), slice.blob, slice.offset, slice.size);
    }
    wire::Body body;
    body.stream = Slice_Reader::stream(context, std::move(slices));
    return body;
}

Result<void> copy_slices(store::Store& store, const std::vector<S3_Slice>& slices, wire::Body& body) {
    if (slices.empty()) return {};
    const auto file =
        std::make_shared<wire::Body_File>(store.temporary_folder() / ("copy-" + base::random_hex(16)), true);
    const base::Unique_Fd to{::open(file->path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!to) return disk_error();
    body = {};
    for (const auto& slice : slices) {
        const base::Unique_Fd from{::open(store.blobs().path(*slice.blob).c_str(), O_RDONLY | O_CLOEXEC)};
        if (!from) return disk_error();
        if (auto done = append(to.fd(), from.fd(), slice); !done) return done;
        body.file_size += slice.size;
    }
    body.file = file;
    return {};
}

}  // namespace osbot_aws::server

#include "services/s3/s3_body.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "services/blob_body.hpp"
#include "store/store.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t block_bytes = 512 << 10;
constexpr std::uint64_t read_at_once_bytes_max = 256 << 10;  // the connection may read this much on the loop

/// Reads slices for a stream, at most one block ahead of the client. The stream owns the reader; the reader has only a
/// weak reference to the stream.
class Slice_Reader : public std::enable_shared_from_this<Slice_Reader> {
public:
    Slice_Reader(Context& context, std::vector<store::Blob_Slice> slices)
        : context_(context), slices_(context.store.blobs(), std::move(slices)) {}

    static std::shared_ptr<wire::Body_Stream> stream(Context& context, std::vector<store::Blob_Slice> slices) {
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
    bool finished() const { return failed_ || slices_.finished(); }

    // Runs on a worker; the loop does not use this object in the meantime.
    void read_block() {
        failed_ = !slices_.read(block_, block_bytes);
        if (failed_) block_.clear();
    }

    void hand_over(const std::weak_ptr<wire::Body_Stream>& to) {
        requested_ = have_read_ = false;
        const auto stream = to.lock();
        if (!stream) return;
        const bool is_last = finished();  // before write(): the reader may request the next block at once
        stream->write(block_);
        if (is_last) stream->end({.complete = !failed_, .trailers = {}});
    }

    Context& context_;
    store::Blob_Reader slices_;
    std::string block_;
    bool requested_ = false, reading_ = false, have_read_ = false, failed_ = false;
};

}  // namespace

std::vector<store::Blob_Slice> slices_of(const S3_Object& object, Byte_Range range) {
    if (object.parts.empty()) return {{object.blob, range.first, range.size}};
    std::vector<store::Blob_Slice> slices;
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

wire::Body object_body(Context& context, const S3_Object& object, Byte_Range range) {
    if (range.size == 0) return {};
    auto slices = slices_of(object, range);
    if (slices.size() == 1 && range.size <= read_at_once_bytes_max) {
        const auto& slice = slices.front();
        return blob_body(context.store.blobs(), slice.blob, slice.offset, slice.size);
    }
    return Slice_Reader::stream(context, std::move(slices));
}

}  // namespace osbot_aws::services

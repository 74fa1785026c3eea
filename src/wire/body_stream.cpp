#include "wire/body_stream.hpp"

#include <utility>

namespace osbot_aws::wire {

void Body_Stream::write(std::string_view piece) {
    if (ended_ || piece.empty()) return;
    if (on_bytes_) return on_bytes_(piece);
    waiting_ += piece;
}

void Body_Stream::end(End end) {
    if (std::exchange(ended_, true)) return;
    end_ = std::move(end);
    if (on_bytes_) deliver_end();
}

void Body_Stream::read(std::function<void(std::string_view)> on_bytes, std::function<void(const End&)> on_end) {
    on_bytes_ = std::move(on_bytes);
    on_end_ = std::move(on_end);
    if (const std::string first = std::exchange(waiting_, {}); !first.empty()) on_bytes_(first);
    if (ended_) return deliver_end();
    if (!paused_) request_more();
}

void Body_Stream::request_more() {
    paused_ = false;
    if (produce_more_ && !ended_) produce_more_();
}

void Body_Stream::abandon() {
    if (!std::exchange(abandoned_, true)) request_more();
}

void Body_Stream::draw_from(std::weak_ptr<Body_Stream> source) {
    on_demand([this, source = std::move(source)] {
        const auto from = source.lock();
        if (!from) return;
        abandoned() ? from->abandon() : from->request_more();
    });
}

// Releases the reader's functions: they often own an object that owns this stream.
void Body_Stream::deliver_end() {
    on_bytes_ = nullptr;
    if (const auto on_end = std::exchange(on_end_, nullptr)) on_end(end_);
}

}  // namespace osbot_aws::wire

#include "wire/body_stream.hpp"

#include <utility>

#include "base/hash.hpp"

namespace osbot_aws::wire {
namespace {

void put(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void put_header(std::string& out, std::string_view name, std::string_view value) {
    constexpr char string_type = 7;
    out += static_cast<char>(name.size());
    out += name;
    out += string_type;
    out += static_cast<char>(value.size() >> 8);
    out += static_cast<char>(value.size());
    out += value;
}

std::string frame_of(std::string_view headers, std::string_view payload) {
    constexpr std::size_t lengths_and_checksums = 16;
    std::string frame;
    put(frame, static_cast<std::uint32_t>(lengths_and_checksums + headers.size() + payload.size()));
    put(frame, static_cast<std::uint32_t>(headers.size()));
    put(frame, base::crc32(frame));
    frame += headers;
    frame += payload;
    put(frame, base::crc32(frame));
    return frame;
}

}  // namespace

void Body_Stream::write(std::string_view piece) {
    if (ended_ || piece.empty()) return;
    if (on_bytes_) return on_bytes_(piece);
    waiting_ += piece;
}

void Body_Stream::end(End end) {
    if (std::exchange(ended_, true)) return;
    on_resume_ = nullptr;  // the task often owns an object that owns this stream
    end_ = std::move(end);
    if (on_bytes_) deliver_end();
}

void Body_Stream::read(std::function<void(std::string_view)> on_bytes, std::function<void(const End&)> on_end) {
    on_bytes_ = std::move(on_bytes);
    on_end_ = std::move(on_end);
    if (const std::string first = std::exchange(waiting_, {}); !first.empty()) on_bytes_(first);
    if (ended_) return deliver_end();
    request_more();
}

void Body_Stream::request_more() {
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

void Body_Stream::resume() {
    paused_ = false;
    if (const auto task = std::exchange(on_resume_, nullptr)) task();
}

// Releases the reader's functions: they often own an object that owns this stream.
void Body_Stream::deliver_end() {
    on_bytes_ = nullptr;
    if (const auto on_end = std::exchange(on_end_, nullptr)) on_end(end_);
}

std::string event_frame(std::string_view event_type, std::string_view content_type, std::string_view payload) {
    std::string headers;
    put_header(headers, ":event-type", event_type);
    put_header(headers, ":content-type", content_type);
    put_header(headers, ":message-type", "event");
    return frame_of(headers, payload);
}

std::string exception_frame(std::string_view exception_type, std::string_view payload) {
    std::string headers;
    put_header(headers, ":exception-type", exception_type);
    put_header(headers, ":content-type", "application/json");
    put_header(headers, ":message-type", "exception");
    return frame_of(headers, payload);
}

}  // namespace osbot_aws::wire

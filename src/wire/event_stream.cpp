#include "wire/event_stream.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "base/hash.hpp"
#include "base/local_error.hpp"

namespace osbot_aws::wire {
namespace {

constexpr std::size_t prelude_bytes = 12, checksum_bytes = 4;
constexpr char text_type = 7;  // of a header's value

// ---- encoder ----

void put(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void put_header(std::string& out, std::string_view name, std::string_view value) {
    out += static_cast<char>(name.size());
    out += name;
    out += text_type;
    out += static_cast<char>(value.size() >> 8);
    out += static_cast<char>(value.size());
    out += value;
}

std::string frame_of(std::string_view headers, std::string_view payload) {
    std::string frame;
    put(frame, static_cast<std::uint32_t>(prelude_bytes + checksum_bytes + headers.size() + payload.size()));
    put(frame, static_cast<std::uint32_t>(headers.size()));
    put(frame, base::crc32(frame));
    frame += headers;
    frame += payload;
    put(frame, base::crc32(frame));
    return frame;
}

// ---- decoder ----

Error broken(std::string_view reason) {
    return local_error("EventStreamError", "the event stream is broken: {}", reason);
}

std::uint32_t number(std::string_view bytes, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

std::optional<std::string_view> take(std::string_view& remaining, std::size_t size) {
    if (remaining.size() < size) return std::nullopt;
    const std::string_view bytes = remaining.substr(0, size);
    remaining.remove_prefix(size);
    return bytes;
}

/// Returns the size of a header value; nullopt if the type is unknown or the value is truncated.
std::optional<std::size_t> value_size(int type, std::string_view& remaining) {
    constexpr std::size_t fixed[] = {0, 0, 1, 2, 4, 8, 0, 0, 8, 16};  // bools, integers, bytes, text, time, UUID
    if (type < 0 || type > 9) return std::nullopt;
    if (type != 6 && type != 7) return fixed[type];
    const auto size = take(remaining, 2);
    if (!size) return std::nullopt;
    return number(*size, 2);
}

/// Reads the headers with text values. Returns false if the headers are truncated.
bool read_headers(std::string_view remaining, Headers& headers) {
    while (!remaining.empty()) {
        const std::size_t name_size = static_cast<unsigned char>(take(remaining, 1)->front());
        const auto name = take(remaining, name_size);
        const auto type = take(remaining, 1);
        if (!name || !type) return false;
        const auto size = value_size(type->front(), remaining);
        const auto value = size ? take(remaining, *size) : std::nullopt;
        if (!value) return false;
        if (type->front() == text_type) headers.add(std::string(*name), std::string(*value));
    }
    return true;
}

/// Returns the size of the first message, or 0 if its prelude is incomplete.
Result<std::size_t> message_size(std::string_view bytes) {
    if (bytes.size() < prelude_bytes) return std::size_t{0};
    const std::size_t total = number(bytes, 4), headers = number(bytes.substr(4), 4);
    if (base::crc32(bytes.substr(0, 8)) != number(bytes.substr(8), 4))
        return broken("the checksum of a prelude is wrong");
    if (total > Event_Stream_Decoder::message_bytes_max || total < prelude_bytes + checksum_bytes ||
        headers > total - prelude_bytes - checksum_bytes)
        return broken("a length is out of range");
    return total;
}

Result<Event_Message> read_message(std::string_view bytes) {
    const std::size_t end = bytes.size() - checksum_bytes, headers_size = number(bytes.substr(4), 4);
    if (base::crc32(bytes.substr(0, end)) != number(bytes.substr(end), 4))
        return broken("the checksum of a message is wrong");
    Event_Message message;
    if (!read_headers(bytes.substr(prelude_bytes, headers_size), message.headers))
        return broken("a header is truncated");
    message.payload = bytes.substr(prelude_bytes + headers_size, end - prelude_bytes - headers_size);
    return message;
}

}  // namespace

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

Result<bool> Event_Stream_Decoder::feed(std::string_view bytes, const On_Message& on_message) {
    waiting_ += bytes;
    std::string_view remaining = waiting_;
    bool proceed = true;
    while (proceed) {
        OSBOT_TRY(const auto size, message_size(remaining));
        if (size == 0 || remaining.size() < size) break;
        OSBOT_TRY(const auto message, read_message(remaining.substr(0, size)));
        remaining.remove_prefix(size);
        proceed = on_message(message);
    }
    waiting_.erase(0, waiting_.size() - remaining.size());
    return proceed;
}

}  // namespace osbot_aws::wire

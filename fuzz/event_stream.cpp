// Event streams: decoding gives the same messages however the network splits the bytes.
#include "wire/event_stream.hpp"

#include <cstdint>

#include "base/hash.hpp"
#include "fuzz.hpp"
#include "wire/body_stream.hpp"

using namespace osbot_aws;

namespace {

struct Decoded {
    bool valid = true;
    std::string text;
};

Decoded decode(std::string_view bytes, std::size_t piece) {
    wire::Event_Stream_Decoder decoder;
    Decoded decoded;
    const auto append_message = [&](const wire::Event_Message& message) {
        for (const auto& [name, value] : message.headers) decoded.text += name + "=" + value + "\n";
        decoded.text += message.payload + "\n";
        return true;
    };
    for (std::size_t at = 0; at < bytes.size() && decoded.valid; at += piece)
        decoded.valid = decoder.feed(bytes.substr(at, piece), append_message).has_value();
    return decoded;
}

/// Corrects both checksums of the first message. The decoder stops at a wrong one, so most mutations would test nothing
/// else.
std::string with_checksums(std::string_view bytes) {
    std::string fixed(bytes);
    const auto put = [&](std::size_t at, std::uint32_t value) {
        for (int i = 0; i < 4; ++i) fixed[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (24 - 8 * i));
    };
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(fixed[at + i]);
        return value;
    };
    if (fixed.size() < 16) return fixed;
    put(8, base::crc32(fixed.substr(0, 8)));
    const std::uint32_t size = number(0);
    if (size >= 16 && size <= fixed.size()) put(size - 4, base::crc32(fixed.substr(0, size - 4)));
    return fixed;
}

}  // namespace

std::vector<std::string> seeds() {
    const std::string start = wire::event_frame("sessionStart", "application/json", "{}");
    return {start,
            start + wire::event_frame("sessionUpdate", "application/json", R"({"sessionResults":[]})"),
            wire::event_frame("", "", ""),
            wire::exception_frame("Failed", "{}"),
            wire::event_frame(std::string(255, 'e'), "application/json", std::string(10'000, 'p')),
            std::string("\x01\x80\x00\x00\x00\x00\x00\x00", 8) + std::string(8, '\0'),
            repeated(200, start)};
}

void run_target(std::string_view mutated) {
    for (const std::string& bytes : {std::string(mutated), with_checksums(mutated)}) {
        const Decoded whole = decode(bytes, bytes.size() + 1), split = decode(bytes, 1 + bytes.size() / 256);
        require(whole.valid == split.valid);
        require(whole.text == split.text);
        require(whole.text.size() <= 2 * bytes.size() + 2);
    }
    const auto [type, payload] = first_line_and_rest(mutated);
    if (type.size() > 255) return;
    const Decoded decoded = decode(wire::event_frame(type, "t", payload), 5);
    require(decoded.valid && decoded.text.ends_with(std::string(payload) + "\n"));
}

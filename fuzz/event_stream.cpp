// Event streams: decoding gives the same messages however the network splits the bytes.
#include "wire/event_stream.hpp"

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

}  // namespace

std::vector<std::string> seeds() {
    const std::string start = wire::event_frame("sessionStart", "application/json", "{}");
    return {start, start + wire::event_frame("sessionUpdate", "application/json", R"({"sessionResults":[]})"),
            wire::event_frame("", "", "")};
}

void run_target(std::string_view bytes) {
    const Decoded whole = decode(bytes, bytes.size() + 1), single = decode(bytes, 1);
    require(whole.valid == single.valid);
    require(whole.text == single.text);
}

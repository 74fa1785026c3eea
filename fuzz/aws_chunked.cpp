// aws-chunked uploads: decoding gives the same result however the network splits the bytes.
#include "wire/aws_chunked.hpp"
#include "fuzz.hpp"

using osbot_aws::wire::Aws_Chunked_Decoder;

namespace {

struct Decoded {
    bool valid = true;
    std::string bytes;
};

Decoded decode(std::string_view text, std::size_t piece) {
    Aws_Chunked_Decoder decoder;
    Decoded decoded;
    const auto sink = [&](std::string_view bytes) -> osbot_aws::Result<void> {
        decoded.bytes += bytes;
        return {};
    };
    for (std::size_t at = 0; at < text.size() && decoded.valid; at += piece)
        decoded.valid = decoder.feed(text.substr(at, piece), sink).has_value();
    decoded.valid = decoded.valid && decoder.finish().has_value();
    return decoded;
}

}  // namespace

std::vector<std::string> seeds() {
    // The sizes at the limits of the decoder and of its number type.
    return {"ffffffffffffffff\r\nx",
            "10000000000000000\r\nx",
            repeated(3000, "1\r\na\r\n") + "0\r\n\r\n",
            "0\r\n" + repeated(3000, "a:b\r\n") + "\r\n",
            "1;" + std::string(20'000, 'e') + "\r\na\r\n0\r\n\r\n",
            "0\r\n" + std::string(20'000, 'n') + ":v\r\n\r\n"};
}

void run_target(std::string_view bytes) {
    const Decoded whole = decode(bytes, bytes.size() + 1), split = decode(bytes, 1 + bytes.size() / 256);
    require(whole.valid == split.valid);
    if (whole.valid) require(whole.bytes == split.bytes);
}

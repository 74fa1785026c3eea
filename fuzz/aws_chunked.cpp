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
    return {"5\r\nhello\r\n0\r\n\r\n",
            "3;chunk-signature=abc\r\nabc\r\n2;chunk-signature=def\r\nde\r\n0;chunk-signature=0\r\n\r\n",
            "4\r\nwxyz\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"};
}

void run_target(std::string_view bytes) {
    const Decoded whole = decode(bytes, bytes.size() + 1), single = decode(bytes, 1);
    require(whole.valid == single.valid);
    if (whole.valid) require(whole.bytes == single.bytes);
}

#include "wire/aws_chunked.hpp"

#include <gmock/gmock.h>

#include "support/printers.hpp"

namespace osbot_aws::wire {
namespace {

using test_support::Fails_with;
using test_support::Succeeds;

constexpr std::string_view signed_body =
    "5;chunk-signature=ab\r\nhello\r\n6\r\n "
    "world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:cd\r\n\r\n";

Result<std::string> decode(std::string_view body, std::size_t piece_size, Headers* trailers = nullptr) {
    std::string decoded;
    Aws_Chunked_Decoder decoder;
    for (; !body.empty(); body.remove_prefix(std::min(piece_size, body.size()))) {
        auto fed = decoder.feed(body.substr(0, piece_size), [&](std::string_view bytes) -> Result<void> {
            decoded += bytes;
            return {};
        });
        if (!fed) return fed.error();
    }
    if (auto done = decoder.finish(); !done) return done.error();
    if (trailers) *trailers = decoder.trailers();
    return decoded;
}

TEST(Aws_Chunked_Test, decodes_pieces_of_any_size) {
    for (std::size_t piece = 1; piece <= signed_body.size(); ++piece) {
        Headers trailers;
        EXPECT_EQ(decode(signed_body, piece, &trailers).value(), "hello world") << piece;
        EXPECT_EQ(trailers["x-amz-checksum-crc32"], "AAAAAA==") << piece;
    }
}

TEST(Aws_Chunked_Test, rejects_truncated_bodies) {
    const auto last_chunk = signed_body.find("0\r\nx-amz");
    for (std::size_t size = 0; size <= last_chunk; ++size) {
        EXPECT_THAT(decode(signed_body.substr(0, size), 4096), Fails_with("IncompleteBody")) << size;
    }
}

TEST(Aws_Chunked_Test, rejects_invalid_chunks) {
    EXPECT_THAT(decode("zz\r\nhello\r\n", 4096), Fails_with("InvalidChunkSizeError"));
    EXPECT_THAT(decode("2\r\nhello\r\n0\r\n\r\n", 4096), Fails_with("IncompleteBody"));
    EXPECT_THAT(decode("fffffffffffffffff\r\nx", 4096), Fails_with("InvalidChunkSizeError"));
    EXPECT_THAT(decode(std::string(10'000, '1'), 4096), Fails_with("IncompleteBody"));
}

}  // namespace
}  // namespace osbot_aws::wire

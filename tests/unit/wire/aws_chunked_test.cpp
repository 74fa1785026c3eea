#include "wire/aws_chunked.hpp"

#include <gmock/gmock.h>

#include "support/printers.hpp"

namespace osbot_aws::wire {
namespace {

using test_support::Fails_with;
using test_support::Succeeds;

const std::string first_chunk(8192, 'a');  // the smallest that is not the last one
const std::string signed_body =
    "2000;chunk-signature=ab\r\n" + first_chunk +
    "\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:cd\r\n\r\n";

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
    for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 24UL, 25UL, 8192UL, 8220UL, 8225UL, 8240UL, 10'000UL}) {
        Headers trailers;
        EXPECT_EQ(decode(signed_body, piece, &trailers).value(), first_chunk + " world") << piece;
        EXPECT_EQ(trailers["x-amz-checksum-crc32"], "AAAAAA==") << piece;
    }
}

/// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
Result<std::string> decode_signed(std::string body, bool signs_trailers = false) {
    constexpr std::size_t piece_size = 1000;
    Aws_Chunked_Decoder decoder;
    decoder.verify(Chunk_Signatures({.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                     .region = "us-east-1",
                                     .service = "s3",
                                     .date = "20130524T000000Z",
                                     .signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"},
                                    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", signs_trailers));
    std::string decoded;
    for (std::string_view rest = body; !rest.empty(); rest.remove_prefix(std::min(piece_size, rest.size())))
        OSBOT_TRY(decoder.feed(rest.substr(0, piece_size), [&](std::string_view bytes) -> Result<void> {
            decoded += bytes;
            return {};
        }));
    OSBOT_TRY(decoder.finish());
    return decoded;
}

TEST(Aws_Chunked_Test, verifies_the_signature_of_each_chunk) {
    const auto chunk = [](const char* size, const std::string& signature, const std::string& bytes) {
        return std::string(size) + ";chunk-signature=" + signature + "\r\n" + bytes + "\r\n";
    };
    const std::string first(65536, 'a'), second(1024, 'a');
    const std::string signature_1 = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                      signature_2 = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                      signature_3 = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";
    const std::string last = chunk("0", signature_3, "");
    EXPECT_EQ(decode_signed(chunk("10000", signature_1, first) + chunk("400", signature_2, second) + last).value(),
              first + second);
    const std::string changed = "b" + second.substr(1);
    EXPECT_THAT(decode_signed(chunk("10000", signature_1, first) + chunk("400", signature_2, changed) + last),
                Fails_with("SignatureDoesNotMatch"));
    EXPECT_THAT(decode_signed(chunk("10000", signature_1, first) + last), Fails_with("SignatureDoesNotMatch"))
        << "a chunk is missing";
    EXPECT_THAT(decode_signed("5\r\nhello\r\n0\r\n\r\n"), Fails_with("SignatureDoesNotMatch"));
    EXPECT_THAT(decode_signed(chunk("10000", signature_1, first) + chunk("400", signature_2, second) + last, true),
                Fails_with("MalformedTrailerError"))
        << "the trailers were removed";
}

TEST(Aws_Chunked_Test, only_the_last_chunk_may_be_small) {
    EXPECT_THAT(decode("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", 4096), Fails_with("InvalidChunkSizeError"));
    EXPECT_THAT(decode("5\r\nhello\r\n0\r\n\r\n", 4096), Succeeds());
}

TEST(Aws_Chunked_Test, rejects_truncated_bodies) {
    const auto last_chunk = signed_body.find("0\r\nx-amz");
    for (std::size_t size = 0; size <= last_chunk; size += size < 30 || size > 8200 ? 1 : 1000) {
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

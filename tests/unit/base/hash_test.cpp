#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <cstddef>

#include "base/crc.hpp"
#include "base/encoding.hpp"

namespace osbot_aws::base {
namespace {

TEST(Hash_Test, digests_match_the_published_test_vectors) {
    // FIPS 180-2 B.1; RFC 1321 A.5; RFC 4231 test case 2
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex_encode(hmac_sha256_raw("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex_encode(hmac_sha1_raw("Jefe", "what do ya want for nothing?")),  // RFC 2202 test case 2
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

template <class Crc>
auto crc_of(std::string_view bytes, std::size_t piece_size) {
    Crc crc;
    for (std::size_t at = 0; at < bytes.size(); at += piece_size) crc.update(bytes.substr(at, piece_size));
    return crc.value();
}

template <class Crc>
void expect_equal_crc_for_any_piece_size() {
    std::string bytes;
    for (int i = 0; i < 700; ++i) {
        const auto by_byte = crc_of<Crc>(bytes, 1);
        EXPECT_EQ(crc_of<Crc>(bytes, bytes.size() + 1), by_byte) << i;
        EXPECT_EQ(crc_of<Crc>(bytes, 131), by_byte) << i;
        const auto first = std::string_view(bytes).substr(0, bytes.size() / 3),
                   rest = std::string_view(bytes).substr(first.size());
        EXPECT_EQ(Crc::joined(crc_of<Crc>(first, 1), crc_of<Crc>(rest, 1), rest.size()), by_byte) << i;
        bytes += static_cast<char>(i * i * 37 + 11);
    }
}

TEST(Crc_Test, crc_matches_check_values_for_any_piece_size) {
    // The "check" values of https://reveng.sourceforge.io/crc-catalogue/all.htm
    EXPECT_EQ(crc_of<Crc32>("123456789", 9), 0xCBF43926U);
    EXPECT_EQ(crc_of<Crc32c>("123456789", 9), 0xE3069283U);
    EXPECT_EQ(crc_of<Crc64nvme>("123456789", 9), 0xAE8B14860A799888ULL);
    expect_equal_crc_for_any_piece_size<Crc32>();
    expect_equal_crc_for_any_piece_size<Crc32c>();
    expect_equal_crc_for_any_piece_size<Crc64nvme>();
}

TEST(Encoding_Test, base64_round_trips_and_rejects_invalid_text) {
    EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
    for (const std::string& text : {std::string(), std::string("f"), std::string("fo"), std::string("\0\xff\x80", 3)}) {
        EXPECT_EQ(base64_decode(base64_encode(text)), text);
    }
    for (const char* bad : {"Zm9v!", "Z", "Zg=x", "Zg===", "Zm9v=", "=", "Zm9vZ", "Zm9vYg=x", "Zm9v\xff\xff\xff\xff"})
        EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
}

TEST(Encoding_Test, base64_decodes_any_length_with_and_without_newlines) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        const std::string text = base64_encode(bytes);
        EXPECT_EQ(base64_decode(text), bytes);
        std::string lines;
        for (std::size_t at = 0; at < text.size(); at += 7) lines += text.substr(at, 7) + "\r\n";
        EXPECT_EQ(base64_decode(lines), bytes) << lines;
        bytes += static_cast<char>(i * 37);
    }
}

TEST(Hash_Test, equal_constant_time_compares_content_and_length) {
    EXPECT_TRUE(equal_constant_time("key", "key"));
    EXPECT_FALSE(equal_constant_time("key", "kex"));
    EXPECT_FALSE(equal_constant_time("key", "key2"));
}

}  // namespace
}  // namespace osbot_aws::base

// QR codes. The expected modules are those of another encoder: https://github.com/lincolnloop/python-qrcode, with its
// mask 0.
#include <gmock/gmock.h>

#include <string>

#include "base/hash.hpp"
#include "services/iam/qr_code.hpp"

namespace osbot_aws::services::qr {
namespace {

std::string rows_of(std::string_view text) {
    std::string rows;
    for (const auto& row : modules_of(text)) {
        for (const bool is_dark : row) rows += is_dark ? '#' : '.';
        rows += '\n';
    }
    return rows;
}

TEST(Qr_Code_Test, short_text_has_the_smallest_size) {
    EXPECT_EQ(rows_of("osbot"), R"(#######..#.##.#######
#.....#..###..#.....#
#.###.#.##.##.#.###.#
#.###.#..#.#..#.###.#
#.###.#...#.#.#.###.#
#.....#.....#.#.....#
#######.#.#.#.#######
........##.##........
###.########.##...#..
.#..##.#.#....#..#..#
#..#..#.##..#...##.##
#..###.#.#....#.....#
..##..#..#..#.#.#..#.
........#..#.#.#.#.##
#######.#..#.###...##
#.....#.######.##....
#.###.#.#..#.###...##
#.###.#.......##..##.
#.###.#.#.#.#...##..#
#.....#.###...##...#.
#######.###.#.####.##
)");
}

struct Long_Text {
    std::size_t bytes, size;
    std::string rows_sha256;
};

TEST(Qr_Code_Test, long_text_has_blocks_alignment_and_version) {
    const Long_Text cases[] = {
        {20, 25, "ec9db5322550ec37738aa33bcd488544f9690a21eb1fe97ff18b6f8208232524"},
        {150, 45, "a4ff5546c8beb1ca3f07aba110cf7bd75a714fd4804c87384a13f8d80660e91e"},
        {320, 61, "e6113fa63dc3cca90998ee58cefe6e4c7fed8b4ab1970ab7b6efdba4723e7dda"},
        {text_bytes_max, 77, "c0f26ab98d0e25a45265acf40dd5a3baa608a54e12c422c5c7f91b02eac8634c"}};
    for (const auto& [bytes, size, rows_sha256] : cases) {
        const std::string text(bytes, 'x');
        EXPECT_EQ(modules_of(text).size(), size);
        EXPECT_EQ(base::sha256_hex(rows_of(text)), rows_sha256) << bytes;
    }
}

TEST(Qr_Code_Test, picture_is_a_png_with_a_margin) {
    const std::string png = png_of("osbot"), size = {0, 0, 0, (21 + 8) * 4};
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1A\n");
    EXPECT_EQ(png.substr(12, 12), "IHDR" + size + size);
    EXPECT_THAT(png, testing::EndsWith(std::string("IEND\xAE\x42\x60\x82")));
}

}  // namespace
}  // namespace osbot_aws::services::qr

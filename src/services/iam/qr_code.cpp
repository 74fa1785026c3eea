#include "services/iam/qr_code.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstdlib>

#include "base/gzip.hpp"
#include "base/hash.hpp"

namespace osbot_aws::services::qr {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// The sizes of a version, 1 to 15, at the lowest error correction: the number of blocks, and the bytes for correction
/// in each. Source: ISO/IEC 18004, table 9
struct Version {
    int blocks, correction_bytes;
};
constexpr std::array<Version, 15> versions{{{1, 7},
                                            {1, 10},
                                            {1, 15},
                                            {1, 20},
                                            {1, 26},
                                            {2, 18},
                                            {2, 20},
                                            {2, 24},
                                            {2, 30},
                                            {4, 18},
                                            {4, 20},
                                            {4, 24},
                                            {4, 26},
                                            {4, 30},
                                            {6, 22}}};
constexpr int first_with_version_bits = 7, first_with_long_count = 10;

constexpr int size_of(int version) { return 17 + 4 * version; }

/// Returns the number of bytes in the modules that no pattern takes.
constexpr int bytes_of(int version) {
    int modules = (16 * version + 128) * version + 64;
    if (version >= 2) {
        const int centers = version / 7 + 2;
        modules -= (25 * centers - 10) * centers - 55;
    }
    if (version >= first_with_version_bits) modules -= 36;
    return modules / 8;
}

constexpr int data_bytes_of(int version) {
    const Version& sizes = versions[static_cast<std::size_t>(version - 1)];
    return bytes_of(version) - sizes.blocks * sizes.correction_bytes;
}

constexpr int count_bits_of(int version) { return version < first_with_long_count ? 8 : 16; }

int version_for(std::size_t text_bytes) {
    constexpr int mode_bits = 4;
    assert(text_bytes <= text_bytes_max);  // the callers limit the text
    int version = 1;
    while (mode_bits + count_bits_of(version) + 8 * static_cast<int>(text_bytes) > 8 * data_bytes_of(version))
        ++version;
    return version;
}

// ---- Data ----

void append_bits(std::vector<bool>& bits, unsigned value, int count) {
    for (int bit = count - 1; bit >= 0; --bit) bits.push_back((value >> bit & 1U) != 0);
}

Bytes to_bytes(const std::vector<bool>& bits) {
    Bytes bytes(bits.size() / 8);
    for (std::size_t at = 0; at < bits.size(); ++at)
        if (bits[at]) bytes[at / 8] = static_cast<std::uint8_t>(bytes[at / 8] | 0x80U >> at % 8);
    return bytes;
}

/// Returns the text in the mode of bytes, with its padding.
Bytes data_of(std::string_view text, int version) {
    constexpr unsigned byte_mode = 4;
    const std::size_t size = static_cast<std::size_t>(data_bytes_of(version));
    std::vector<bool> bits;
    append_bits(bits, byte_mode, 4);
    append_bits(bits, static_cast<unsigned>(text.size()), count_bits_of(version));
    for (const char c : text) append_bits(bits, static_cast<unsigned char>(c), 8);
    bits.resize(std::min(bits.size() + 4, size * 8));  // the terminator
    bits.resize((bits.size() + 7) / 8 * 8);
    Bytes bytes = to_bytes(bits);
    for (std::uint8_t pad = 0xEC; bytes.size() < size; pad = pad == 0xEC ? 0x11 : 0xEC) bytes.push_back(pad);
    return bytes;
}

// ---- Error correction: Reed-Solomon in the field of 256 elements ----

std::uint8_t product(std::uint8_t a, std::uint8_t b) {
    constexpr unsigned polynomial = 0x11D;
    unsigned result = 0;
    for (int bit = 7; bit >= 0; --bit) {
        result = result << 1 ^ (result >> 7) * polynomial;
        if ((b >> bit & 1) != 0) result ^= a;
    }
    return static_cast<std::uint8_t>(result);
}

/// Returns the product of (x - 2^0) ... (x - 2^(degree - 1)), without its first coefficient, which is 1.
Bytes generator_of(std::size_t degree) {
    Bytes coefficients(degree);
    coefficients.back() = 1;
    std::uint8_t root = 1;
    for (std::size_t factor = 0; factor < degree; ++factor) {
        for (std::size_t at = 0; at < degree; ++at) {
            coefficients[at] = product(coefficients[at], root);
            if (at + 1 < degree) coefficients[at] ^= coefficients[at + 1];
        }
        root = product(root, 2);
    }
    return coefficients;
}

Bytes remainder_of(const Bytes& data, const Bytes& generator) {
    Bytes remainder(generator.size());
    for (const std::uint8_t byte : data) {
        const auto factor = static_cast<std::uint8_t>(byte ^ remainder.front());
        std::ranges::rotate(remainder, remainder.begin() + 1);
        remainder.back() = 0;
        for (std::size_t at = 0; at < remainder.size(); ++at) remainder[at] ^= product(generator[at], factor);
    }
    return remainder;
}

/// Appends the first byte of each block, the second of each, and so on.
void interleave(const std::vector<Bytes>& blocks, Bytes& out) {
    const std::size_t longest = blocks.back().size();
    for (std::size_t at = 0; at < longest; ++at)
        for (const Bytes& block : blocks)
            if (at < block.size()) out.push_back(block[at]);
}

/// Splits the data into blocks, of which the last are longer by one byte, and adds the bytes for correction.
Bytes with_correction(const Bytes& data, int version) {
    const Version& sizes = versions[static_cast<std::size_t>(version - 1)];
    const auto count = static_cast<std::size_t>(sizes.blocks);
    const std::size_t short_size = data.size() / count, short_count = count - data.size() % count;
    const Bytes generator = generator_of(static_cast<std::size_t>(sizes.correction_bytes));
    std::vector<Bytes> blocks, corrections;
    auto next = data.begin();
    for (std::size_t block = 0; block < count; ++block) {
        const auto end = next + static_cast<std::ptrdiff_t>(short_size + (block < short_count ? 0 : 1));
        blocks.emplace_back(next, end);
        corrections.push_back(remainder_of(blocks.back(), generator));
        next = end;
    }
    Bytes out;
    interleave(blocks, out);
    interleave(corrections, out);
    return out;
}

// ---- Modules ----

/// The modules of a code: first the patterns, by which readers find and measure it, then the data.
class Code {
public:
    explicit Code(int version)
        : version_(version),
          size_(size_of(version)),
          dark_(static_cast<std::size_t>(size_), std::vector<bool>(static_cast<std::size_t>(size_))),
          fixed_(dark_) {
        draw_timing();
        for (const auto& [x, y] : {std::pair{3, 3}, {size_ - 4, 3}, {3, size_ - 4}}) draw_square(x, y, 4, true);
        draw_alignment();
        draw_version();
        draw_format();
    }

    /// Draws the data in pairs of columns from the right, up and down in turn.
    void draw(const Bytes& data) {
        std::size_t bit = 0;
        bool up = true;
        for (int right = size_ - 1; right > 0; right -= 2, up = !up) {
            if (right == timing) --right;
            for (int step = 0; step < size_; ++step)
                for (const int x : {right, right - 1}) draw_bit(x, up ? size_ - 1 - step : step, data, bit);
        }
    }

    Modules modules() && { return std::move(dark_); }

private:
    static constexpr int timing = 6;

    std::vector<bool>::reference at(Modules& modules, int x, int y) const {
        return modules[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)];
    }

    void fix(int x, int y, bool is_dark) {
        if (x < 0 || y < 0 || x >= size_ || y >= size_) return;  // a part of a border
        at(dark_, x, y) = is_dark;
        at(fixed_, x, y) = true;
    }

    void draw_bit(int x, int y, const Bytes& data, std::size_t& bit) {
        if (at(fixed_, x, y)) return;
        const bool value = bit / 8 < data.size() && (data[bit / 8] >> (7 - bit % 8) & 1) != 0;
        const bool mask = (x + y) % 2 == 0;  // of the eight masks, which all readers know, the first
        at(dark_, x, y) = value != mask;
        ++bit;
    }

    void draw_timing() {
        for (int position = 0; position < size_; ++position) {
            fix(position, timing, position % 2 == 0);
            fix(timing, position, position % 2 == 0);
        }
    }

    /// Draws squares in each other around a center. That of a corner has a light border.
    void draw_square(int x, int y, int radius, bool is_corner) {
        for (int dy = -radius; dy <= radius; ++dy) {
            for (int dx = -radius; dx <= radius; ++dx) {
                const int distance = std::max(std::abs(dx), std::abs(dy));
                fix(x + dx, y + dy, is_corner ? distance != 2 && distance != 4 : distance != 1);
            }
        }
    }

    std::vector<int> alignment_centers() const {
        if (version_ == 1) return {};
        const int count = version_ / 7 + 2;
        const int step = (version_ * 4 + count * 2 + 1) / (count * 2 - 2) * 2;
        std::vector<int> centers{timing};
        for (int center = size_ - 7 - step * (count - 2); center < size_; center += step) centers.push_back(center);
        return centers;
    }

    void draw_alignment() {
        const auto centers = alignment_centers();
        for (const int y : centers) {
            for (const int x : centers) {
                const bool is_corner =
                    (x == timing && y == timing) || (x == timing && y == size_ - 7) || (x == size_ - 7 && y == timing);
                if (!is_corner) draw_square(x, y, 2, false);
            }
        }
    }

    /// Draws the 15 bits of the error correction and the mask, twice.
    void draw_format() {
        constexpr unsigned low_correction_and_first_mask = 0x77C4;
        const auto is_dark = [](int bit) { return (low_correction_and_first_mask >> bit & 1U) != 0; };
        for (int bit = 0; bit < 6; ++bit) fix(8, bit, is_dark(bit));
        fix(8, 7, is_dark(6));
        fix(8, 8, is_dark(7));
        fix(7, 8, is_dark(8));
        for (int bit = 9; bit < 15; ++bit) fix(14 - bit, 8, is_dark(bit));
        for (int bit = 0; bit < 8; ++bit) fix(size_ - 1 - bit, 8, is_dark(bit));
        for (int bit = 8; bit < 15; ++bit) fix(8, size_ - 15 + bit, is_dark(bit));
        fix(8, size_ - 8, true);
    }

    /// Draws the 18 bits of the number of the version, twice.
    void draw_version() {
        if (version_ < first_with_version_bits) return;
        constexpr unsigned generator = 0x1F25;
        unsigned check = static_cast<unsigned>(version_);
        for (int bit = 0; bit < 12; ++bit) check = check << 1 ^ (check >> 11) * generator;
        const unsigned bits = static_cast<unsigned>(version_) << 12 | check;
        for (int bit = 0; bit < 18; ++bit) {
            const bool is_dark = (bits >> bit & 1U) != 0;
            fix(size_ - 11 + bit % 3, bit / 3, is_dark);
            fix(bit / 3, size_ - 11 + bit % 3, is_dark);
        }
    }

    int version_, size_;
    Modules dark_, fixed_;
};

// ---- PNG: https://www.w3.org/TR/png-3/ ----

std::string big_endian(std::size_t value) {
    std::string bytes(4, '\0');
    for (int at = 0; at < 4; ++at)
        bytes[static_cast<std::size_t>(at)] = static_cast<char>(value >> (24 - 8 * at) & 0xFF);
    return bytes;
}

std::string chunk(const std::string& type, const std::string& content) {
    return big_endian(content.size()) + type + content + big_endian(base::crc32(type + content));
}

/// Returns a row of pixels, eight in a byte, after the byte of its filter, which is none.
std::string pixel_row(const std::vector<bool>& row, std::size_t margin, std::size_t scale) {
    std::vector<bool> pixels(margin * scale, true);  // true is white
    for (const bool is_dark : row) pixels.insert(pixels.end(), scale, !is_dark);
    pixels.insert(pixels.end(), margin * scale, true);
    pixels.resize((pixels.size() + 7) / 8 * 8);
    const Bytes bytes = to_bytes(pixels);
    return '\0' + std::string(bytes.begin(), bytes.end());
}

}  // namespace

Modules modules_of(std::string_view text) {
    const int version = version_for(text.size());
    Code code(version);
    code.draw(with_correction(data_of(text, version), version));
    return std::move(code).modules();
}

std::string png_of(std::string_view text) {
    constexpr std::size_t margin = 4, scale = 4;
    const Modules modules = modules_of(text);
    const std::size_t size = (modules.size() + 2 * margin) * scale;
    const std::string light = pixel_row(std::vector<bool>(modules.size()), margin, scale);
    std::string pixels;
    const auto add_row = [&](const std::string& row, std::size_t times) {
        for (; times > 0; --times) pixels += row;
    };
    add_row(light, margin * scale);
    for (const auto& row : modules) add_row(pixel_row(row, margin, scale), scale);
    add_row(light, margin * scale);
    const std::string one_bit_gray("\x01\x00\x00\x00\x00", 5);
    return "\x89PNG\r\n\x1A\n" + chunk("IHDR", big_endian(size) + big_endian(size) + one_bit_gray) +
           chunk("IDAT", base::zlib_compress(pixels)) + chunk("IEND", "");
}

}  // namespace osbot_aws::services::qr

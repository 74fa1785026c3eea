#include "base/encoding.hpp"

#include <array>
#include <cstdint>

namespace osbot_aws::base {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr int no_digit = -1, white_space = -2;

constexpr std::array<std::int16_t, 256> base64_values = [] {
    std::array<std::int16_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < base64_digits.size(); ++i) {
        values[static_cast<unsigned char>(base64_digits[i])] = static_cast<std::int16_t>(i);
    }
    for (char c : std::string_view(" \t\r\n")) values[static_cast<unsigned char>(c)] = white_space;
    return values;
}();

/// Appends the first `count` of the three bytes in a 24-bit group.
void put_bytes(char*& out, std::uint32_t group, int count) {
    for (int shift = 16; count > 0; --count, shift -= 8) *out++ = static_cast<char>(group >> shift);
}

/// The bits that a digit contributes to a 24-bit group, by the digit's place (0 to 3) and character. The top bit is set
/// if the character is not a base64 digit.
constexpr std::uint32_t irregular = 1u << 31;
constexpr auto base64_places = [] {
    std::array<std::array<std::uint32_t, 256>, 4> places{};
    for (std::size_t place = 0; place < 4; ++place)
        for (std::size_t c = 0; c < 256; ++c)
            places[place][c] =
                base64_values[c] < 0 ? irregular : static_cast<std::uint32_t>(base64_values[c]) << (18 - 6 * place);
    return places;
}();

/// Decodes four digits at a time up to the first other character. Returns the number of characters decoded. Zips of
/// several megabytes arrive as base64, so the speed of this loop matters.
std::size_t decode_quads(std::string_view text, char*& out) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4) {
        const std::uint32_t group = base64_places[0][at(i)] | base64_places[1][at(i + 1)] |
                                    base64_places[2][at(i + 2)] | base64_places[3][at(i + 3)];
        if ((group & irregular) != 0) break;
        *out++ = static_cast<char>(group >> 16);
        *out++ = static_cast<char>(group >> 8);
        *out++ = static_cast<char>(group);
    }
    return i;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return no_digit;
}

}  // namespace

std::string hex_encode(std::string_view bytes) {
    std::string digits;
    digits.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        digits += hex_digits[byte >> 4];
        digits += hex_digits[byte & 15];
    }
    return digits;
}

std::optional<std::string> hex_decode(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hex_value(digits[i]), low = hex_value(digits[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::string base64_encode(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4, '=');
    char* out = text.data();
    std::size_t i = 0;
    const auto at = [&](std::size_t k) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[k])); };
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
        *out++ = base64_digits[group >> 18];
        *out++ = base64_digits[group >> 12 & 63];
        *out++ = base64_digits[group >> 6 & 63];
        *out++ = base64_digits[group & 63];
    }
    if (const std::size_t rest = bytes.size() - i; rest > 0) {
        const std::uint32_t group = at(i) << 16 | (rest == 2 ? at(i + 1) << 8 : 0);
        *out++ = base64_digits[group >> 18];
        *out++ = base64_digits[group >> 12 & 63];
        if (rest == 2) *out = base64_digits[group >> 6 & 63];
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    char* out = bytes.data();
    std::uint32_t group = 0;
    int digits = 0, padding = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (digits == 0 && padding == 0) i += decode_quads(text.substr(i), out);
        if (i == text.size()) break;
        const char c = text[i];
        const int value = base64_values[static_cast<unsigned char>(c)];
        if (value == white_space) continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        if (value == no_digit || padding > 0) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(value);
        if (++digits == 4) {
            put_bytes(out, group, 3);
            group = 0, digits = 0;
        }
    }
    if (digits == 1 || (padding != 0 && (digits == 0 || padding != 4 - digits))) return std::nullopt;
    if (digits > 0) put_bytes(out, group << (6 * (4 - digits)), digits - 1);
    bytes.resize(static_cast<std::size_t>(out - bytes.data()));
    return bytes;
}

}  // namespace osbot_aws::base

#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace osbot_aws::base {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool in(unsigned char byte, unsigned char first, unsigned char last) { return first <= byte && byte <= last; }

/// Returns the length of the character at the start of the text, or 0. The ranges are those of RFC 3629, section 4.
std::size_t character_bytes(std::string_view text) {
    const unsigned char lead = byte_at(text, 0), second = byte_at(text, 1);
    const auto continues = [&](std::size_t at) { return in(byte_at(text, at), 0x80, 0xBF); };
    if (lead < 0x80) return 1;
    if (in(lead, 0xC2, 0xDF)) return continues(1) ? 2 : 0;
    if (in(lead, 0xE0, 0xEF)) {
        const bool allowed = in(second, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
        return allowed && continues(2) ? 3 : 0;
    }
    if (in(lead, 0xF0, 0xF4)) {
        const bool allowed = in(second, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
        return allowed && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::optional<char32_t> take_utf8(std::string_view& text) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 0) return std::nullopt;
    constexpr unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t character = byte_at(text, 0) & lead_bits[bytes];
    for (std::size_t i = 1; i < bytes; ++i) character = (character << 6) | (byte_at(text, i) & 0x3F);
    text.remove_prefix(bytes);
    return character;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        std::uint64_t block = 0;  // most text is ASCII: eight bytes at a time
        if (text.size() >= sizeof block) {
            std::memcpy(&block, text.data(), sizeof block);
            if ((block & 0x8080808080808080) == 0) {
                text.remove_prefix(sizeof block);
                continue;
            }
        }
        const std::size_t bytes = character_bytes(text);
        if (bytes == 0) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

}  // namespace osbot_aws::base

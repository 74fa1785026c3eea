#include "wire/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/json.hpp"

namespace osbot_aws::wire {
namespace {

// Returns true if one of the eight bytes is a quote, a backslash or a control character.
bool has_special(std::uint64_t word) {
    constexpr std::uint64_t ones = 0x0101010101010101ull, highs = 0x8080808080808080ull;
    const auto zero_byte = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
    const std::uint64_t control = (word - ones * 0x20) & ~word & highs;
    return (zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\')) | control) != 0;
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text), at_(text.data()), end_(text.data() + text.size()) {}

    std::optional<std::string> fault() {
        if (scan()) return std::nullopt;
        return fmt::format("{}\n at [Source: (byte[])\"{}\"; line: {}, column: {}]", fault_, quoted(), line(),
                           column());
    }

private:
    bool scan() {
        std::vector<char> open;  // '[' or '{'
        for (;;) {
            space();
            if (at_ == end_) return fail("No content to map due to end-of-input");
            if (*at_ == '[' || *at_ == '{') {
                if (open.size() == base::json_depth_max)
                    return fail(fmt::format("Document nesting depth ({}) exceeds the maximum allowed",
                                            base::json_depth_max + 1));
                open.push_back(*at_++);
                space();
                if (at_ != end_ && *at_ == closing(open.back())) {
                    ++at_;
                    open.pop_back();
                } else {
                    if (open.back() == '{' && !name()) return false;
                    continue;
                }
            } else if (!scalar()) {
                return false;
            }
            for (;;) {  // after a value
                space();
                if (open.empty()) return at_ == end_ || unexpected("expected end of input");
                if (at_ == end_)
                    return fail(fmt::format("Unexpected end-of-input: expected close marker for {}",
                                            open.back() == '[' ? "Array" : "Object"));
                if (*at_ == ',') {
                    ++at_;
                    if (open.back() == '{' && !name()) return false;
                    break;
                }
                if (*at_ != closing(open.back())) {
                    return unexpected(fmt::format("was expecting comma to separate {} entries",
                                                  open.back() == '[' ? "Array" : "Object"));
                }
                ++at_;
                open.pop_back();
            }
        }
    }

    static char closing(char open) { return open == '[' ? ']' : '}'; }

    void space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    }

    bool name() {
        space();
        if (at_ == end_) return fail("Unexpected end-of-input within/between Object entries");
        if (*at_ != '"') return unexpected("was expecting double-quote to start field name");
        if (!string()) return false;
        space();
        if (at_ == end_) return fail("Unexpected end-of-input within/between Object entries");
        if (*at_ != ':') return unexpected("was expecting a colon to separate field name and value");
        ++at_;
        return true;
    }

    bool scalar() {
        if (*at_ == '"') return string();
        if (*at_ == '-' || digit()) return number();
        if (word("true") || word("false") || word("null")) return true;
        if ((*at_ >= 'a' && *at_ <= 'z') || (*at_ >= 'A' && *at_ <= 'Z')) {
            const char* start = at_;
            while (at_ != end_ && ((*at_ >= 'a' && *at_ <= 'z') || (*at_ >= 'A' && *at_ <= 'Z') || digit())) ++at_;
            return fail(fmt::format(
                "Unrecognized token '{}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or "
                "'false')",
                std::string_view(start, static_cast<std::size_t>(std::min<std::ptrdiff_t>(at_ - start, 256)))));
        }
        return unexpected(
            "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')");
    }

    bool word(std::string_view expected) {
        if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(expected)) return false;
        const char* after = at_ + expected.size();
        if (after != end_ &&
            ((*after >= 'a' && *after <= 'z') || (*after >= 'A' && *after <= 'Z') || (*after >= '0' && *after <= '9')))
            return false;
        at_ = after;
        return true;
    }

    bool digit() const { return at_ != end_ && *at_ >= '0' && *at_ <= '9'; }

    bool digits() {
        if (!digit())
            return at_ == end_ ? fail("Unexpected end-of-input in a Number value")
                               : unexpected("Decimal point or sign not followed by a digit");
        while (digit()) ++at_;
        return true;
    }

    bool number() {
        if (*at_ == '-') ++at_;
        if (at_ != end_ && *at_ == '0') {
            ++at_;
            if (digit()) return fail("Invalid numeric value: Leading zeroes not allowed");
        } else if (!digits()) {
            return false;
        }
        if (at_ != end_ && *at_ == '.' && (++at_, !digits())) return false;
        if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
            ++at_;
            if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
            return digits();
        }
        return true;
    }

    bool string() {
        ++at_;  // the quote
        for (;;) {
            for (std::uint64_t eight; end_ - at_ >= 8; at_ += 8) {
                std::memcpy(&eight, at_, sizeof eight);
                if (has_special(eight)) break;
            }
            while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
            if (at_ == end_) return fail("Unexpected end-of-input: was expecting closing quote for a string value");
            if (*at_ == '"') return ++at_, true;
            if (*at_ != '\\')
                return fail(
                    fmt::format("Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using backslash "
                                "to be included in string value",
                                int{*at_}));
            if (!escape()) return false;
        }
    }

    bool escape() {
        ++at_;  // the backslash
        if (at_ == end_) return fail("Unexpected end-of-input in character escape sequence");
        const char kind = *at_++;
        if (kind != 'u') {
            return std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos ||
                   fail(fmt::format("Unrecognized character escape '{}' (code {})", kind,
                                    int{static_cast<unsigned char>(kind)}));
        }
        for (int i = 0; i < 4; ++i, ++at_) {
            if (at_ == end_) return fail("Unexpected end-of-input in character escape sequence");
            if (!digit() && !(*at_ >= 'a' && *at_ <= 'f') && !(*at_ >= 'A' && *at_ <= 'F'))
                return unexpected("expected a hex-digit for character escape sequence");
        }
        return true;
    }

    bool unexpected(std::string_view expected) {
        const auto code = static_cast<unsigned char>(*at_);
        if (code < 0x20)
            fault_ = fmt::format("Unexpected character ((CTRL-CHAR, code {})): {}", int{code}, expected);
        else
            fault_ = fmt::format("Unexpected character ('{}' (code {})): {}", *at_, int{code}, expected);
        ++at_;
        return false;
    }

    bool fail(std::string message) {
        fault_ = std::move(message);
        return false;
    }

    std::string quoted() const {
        constexpr std::size_t quoted_bytes_max = 500;
        if (text_.size() <= quoted_bytes_max) return std::string(text_);
        return fmt::format("{}\"[truncated {} bytes]", text_.substr(0, quoted_bytes_max),
                           text_.size() - quoted_bytes_max);
    }
    std::size_t offset() const { return static_cast<std::size_t>(at_ - text_.data()); }
    long line() const { return 1 + std::count(text_.data(), at_, '\n'); }
    std::size_t column() const {
        const auto before = text_.substr(0, offset());
        const auto newline = before.rfind('\n');
        return newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
    }

    std::string_view text_;
    const char* at_;
    const char* end_;
    std::string fault_;
};

}  // namespace

std::optional<std::string> json_fault(std::string_view text) { return Scanner(text).fault(); }

std::string compact_json(std::string_view text) {
    std::string compact;
    compact.reserve(text.size());
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (in_string && text[at] == '\\')
            compact += text[at++];
        else if (text[at] == '"')
            in_string = !in_string;
        if (in_string || std::string_view(" \t\r\n").find(text[at]) == std::string_view::npos) compact += text[at];
    }
    return compact;
}

}  // namespace osbot_aws::wire

#include "services/logs/filter_regex.hpp"

#include <fmt/format.h>
#include <regex.h>

#include <string>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "services/logs/log_rules.hpp"

namespace osbot_aws::services {
namespace {

// Each repetition adds states to the automaton: without a limit, a short pattern could use gigabytes of memory.
constexpr int repetitions_max = 255;

constexpr std::string_view symbols = "_#=@/;,:- ^$?[]|*+.";
constexpr std::string_view special_outside_brackets = "^$?[]{}|*+.\\()";

Error bad_character(char c) {
    return {"InvalidParameterException", fmt::format("Invalid character(s) in term '{}'", c)};
}

/// Translates to POSIX extended syntax, which has neither \d nor \xHH, and no escapes inside brackets.
class Translation {
public:
    explicit Translation(std::string_view text) : rest_(text) {}

    Result<std::string> run() {
        while (!rest_.empty()) { OSBOT_TRY(step()); }
        if (in_brackets_) return invalid_pattern();
        return std::move(out_);
    }

private:
    Result<void> step() {
        const char c = take();
        if (c == '\\') return escape();
        if (c == '{') return repetition();
        if (!base::is_alphanumeric(c) && symbols.find(c) == std::string_view::npos) return bad_character(c);
        if (!in_brackets_ && std::string_view("*+?").find(c) != std::string_view::npos) return quantifier(c);
        repeatable_ = true;
        if (c == '[' && !in_brackets_) {
            in_brackets_ = true;
            out_ += c;
            if (rest_.starts_with('^')) out_ += take();
            return {};
        }
        if (c == ']') in_brackets_ = false;
        out_ += c;
        return {};
    }

    // A quantifier must not follow another: nested quantifiers multiply the states.
    Result<void> quantifier(char c) {
        if (!std::exchange(repeatable_, false)) return invalid_pattern();
        out_ += c;
        return {};
    }

    Result<void> repetition() {
        const auto end = rest_.find('}');
        if (in_brackets_ || end == std::string_view::npos || !std::exchange(repeatable_, false))
            return invalid_pattern();
        const auto counts = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        const auto comma = counts.find(',');
        const auto least = base::parse_number<int>(counts.substr(0, comma));
        const auto most = comma == std::string_view::npos ? least
                          : comma + 1 == counts.size()    ? repetitions_max
                                                          : base::parse_number<int>(counts.substr(comma + 1));
        if (!least || !most || *least < 0 || *most < *least || *most > repetitions_max) return invalid_pattern();
        out_ += fmt::format("{{{}}}", counts);
        return {};
    }

    Result<void> escape() {
        if (rest_.empty()) return invalid_pattern();
        const char c = take();
        repeatable_ = true;
        switch (c) {
            case 'd':
                return character_class("[:digit:]", false);
            case 's':
                return character_class("[:space:]", false);
            case 'w':
                return character_class("[:alnum:]_", false);
            case 'D':
                return character_class("[:digit:]", true);
            case 'S':
                return character_class("[:space:]", true);
            case 'W':
                return character_class("[:alnum:]_", true);
            case 'x':
                return hexadecimal();
            default:
                break;
        }
        if (base::is_alphanumeric(c)) return invalid_pattern();
        return literal(c);
    }

    Result<void> character_class(std::string_view characters, bool others) {
        if (in_brackets_ && others) return invalid_pattern();
        out_ += in_brackets_ ? std::string(characters) : fmt::format("[{}{}]", others ? "^" : "", characters);
        return {};
    }

    Result<void> hexadecimal() {
        const auto bytes = base::hex_decode(rest_.substr(0, 2));
        if (!bytes || bytes->size() != 1 || bytes->front() == '\0') return invalid_pattern();
        rest_.remove_prefix(2);
        return literal(bytes->front());
    }

    Result<void> literal(char c) {
        // Inside brackets these are special in some positions. As collating elements they are always literal.
        if (in_brackets_ && std::string_view("]^-[").find(c) != std::string_view::npos) {
            out_ += fmt::format("[.{}.]", c);
            return {};
        }
        if (!in_brackets_ && special_outside_brackets.find(c) != std::string_view::npos) out_ += '\\';
        out_ += c;
        return {};
    }

    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    std::string_view rest_;
    std::string out_;
    bool in_brackets_ = false, repeatable_ = false;
};

}  // namespace

Result<Filter_Regex> Filter_Regex::parse(std::string_view text) {
    if (text.empty()) return invalid_pattern();
    OSBOT_TRY(const auto posix, Translation(text).run());
    auto compiled = std::make_unique<regex_t>();
    if (::regcomp(compiled.get(), posix.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return invalid_pattern();
    Filter_Regex regex;
    regex.compiled_ = std::shared_ptr<regex_t>(compiled.release(), [](regex_t* automaton) {
        ::regfree(automaton);
        delete automaton;
    });
    return regex;
}

bool Filter_Regex::found_in(std::string_view message) const {
    regmatch_t range{.rm_so = 0, .rm_eo = static_cast<regoff_t>(message.size())};  // REG_STARTEND: the range to search
    return ::regexec(static_cast<const regex_t*>(compiled_.get()), message.data(), 1, &range, REG_STARTEND) == 0;
}

}  // namespace osbot_aws::services

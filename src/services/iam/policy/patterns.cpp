#include "services/iam/policy/patterns.hpp"

#include <algorithm>

#include "base/characters.hpp"
#include "base/text.hpp"

namespace osbot_aws::services {
namespace {

constexpr char any_text = '\x01', any_character = '\x02';

constexpr std::size_t pattern_bytes_max = 4096;

bool has_marks(std::string_view text) { return text.find_first_of("\x01\x02") != std::string_view::npos; }

char wildcard_of(char c) { return c == '*' ? any_text : c == '?' ? any_character : c; }

bool is_same(char pattern, char c, bool ignores_case) {
    if (pattern == any_character) return true;
    return ignores_case ? base::equal_ignoring_case({&pattern, 1}, {&c, 1}) : pattern == c;
}

/// Matches in linear time for each wildcard: the last * is extended when the characters after it do not fit.
bool matches_text(std::string_view pattern, std::string_view text, bool ignores_case) {
    std::size_t at = 0, in_text = 0, retry = std::string_view::npos, retry_text = 0;
    while (in_text < text.size()) {
        if (at < pattern.size() && pattern[at] == any_text) {
            retry = ++at;
            retry_text = in_text;
        } else if (at < pattern.size() && is_same(pattern[at], text[in_text], ignores_case)) {
            ++at, ++in_text;
        } else if (retry != std::string_view::npos) {
            at = retry;
            in_text = ++retry_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of(any_text, at) == std::string_view::npos;
}

/// A variable in a text: ${name} or ${name, 'default'}.
struct Variable {
    std::string name;
    std::optional<std::string> default_value;

    static Variable parse(std::string_view content) {
        const auto comma = content.find(',');
        Variable variable{std::string(base::trimmed(content.substr(0, comma))), std::nullopt};
        if (comma != std::string_view::npos)
            variable.default_value = base::trimmed(base::trimmed(content.substr(comma + 1)), "'");
        return variable;
    }

    std::optional<std::string> value(const Condition_Keys& keys) const {
        if (name == "*" || name == "?" || name == "$") return name;
        const auto found = keys.find(base::lower_case(name));
        if (found != keys.end() && found->second.size() == 1) return found->second[0];
        return default_value;
    }
};

/// Takes a variable from the beginning of a text. Returns nullopt if it does not begin with one.
std::optional<Variable> take_variable(std::string_view& text) {
    const auto end = text.find('}');
    if (!text.starts_with("${") || end == std::string_view::npos) return std::nullopt;
    Variable variable = Variable::parse(text.substr(2, end - 2));
    text.remove_prefix(end + 1);
    return variable;
}

}  // namespace

Policy_Pattern Policy_Pattern::of(std::string text) {
    Policy_Pattern pattern;
    pattern.text_ = std::move(text);
    return pattern;
}

std::optional<Policy_Pattern> Policy_Pattern::expand(std::string_view text, const Condition_Keys& keys,
                                                     bool has_variables) {
    if (text.size() > pattern_bytes_max || has_marks(text)) return std::nullopt;
    std::string expanded;
    while (!text.empty()) {
        if (const auto variable = has_variables ? take_variable(text) : std::nullopt) {
            const auto value = variable->value(keys);
            if (!value || has_marks(*value) || expanded.size() + value->size() > pattern_bytes_max) return std::nullopt;
            expanded += *value;
        } else {
            expanded += wildcard_of(text.front());
            text.remove_prefix(1);
        }
    }
    return of(std::move(expanded));
}

bool Policy_Pattern::matches(std::string_view text, bool ignores_case) const {
    return matches_text(text_, text, ignores_case);
}

bool Policy_Pattern::matches_arn(std::string_view arn) const {
    constexpr int colons = 5;
    std::string_view pattern = text_;
    if (std::ranges::count(pattern, ':') < colons || std::ranges::count(arn, ':') < colons) return matches(arn);
    for (int part = 0; part < colons; ++part)
        if (!matches_text(base::take_until(pattern, ':'), base::take_until(arn, ':'), false)) return false;
    return matches_text(pattern, arn, false);
}

std::string Policy_Pattern::literal() const {
    std::string text = text_;
    std::ranges::replace(text, any_text, '*');
    std::ranges::replace(text, any_character, '?');
    return text;
}

std::vector<std::string> variables_in(std::string_view text) {
    std::vector<std::string> names;
    for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${")) {
        text.remove_prefix(at);
        const auto variable = take_variable(text);
        if (!variable) break;
        if (variable->name.size() > 1) names.push_back(variable->name);
    }
    return names;
}

}  // namespace osbot_aws::services

#include "services/iam/policy/patterns.hpp"

#include <algorithm>
#include <utility>

#include "base/characters.hpp"
#include "base/text.hpp"

namespace osbot_aws::services {
namespace {

constexpr char16_t any_text = 0x100, any_character = 0x101;  // no byte has these values

// Above the size of a policy. Limits the work for a text in which the values of variables are long.
constexpr std::size_t pattern_bytes_max = 32 << 10;

char16_t unit_of(char c) { return static_cast<unsigned char>(c); }

bool is_same(char16_t unit, char c, bool ignores_case) {
    if (unit == any_character || unit == unit_of(c)) return true;
    if (!ignores_case || unit > 0xff) return false;
    const char of_pattern = static_cast<char>(unit);
    return base::equal_ignoring_case({&of_pattern, 1}, {&c, 1});
}

/// Matches in linear time for each wildcard: the last * is extended when the characters after it do not fit.
bool matches_text(std::u16string_view pattern, std::string_view text, bool ignores_case) {
    constexpr std::size_t none = std::string_view::npos;
    std::size_t at = 0, in_text = 0, retry = none, retry_text = 0;
    while (in_text < text.size()) {
        if (at < pattern.size() && pattern[at] == any_text) {
            retry = ++at;
            retry_text = in_text;
        } else if (at < pattern.size() && is_same(pattern[at], text[in_text], ignores_case)) {
            ++at, ++in_text;
        } else if (retry != none) {
            at = retry;
            in_text = ++retry_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of(any_text, at) == none;
}

/// Removes the part of a pattern before the next colon, and the colon. Returns the part.
std::u16string_view take_part(std::u16string_view& pattern) {
    const std::u16string_view part = pattern.substr(0, pattern.find(u':'));
    pattern.remove_prefix(std::min(part.size() + 1, pattern.size()));
    return part;
}

bool is_literal(std::string_view name) { return name == "*" || name == "?" || name == "$"; }

}  // namespace

const std::vector<std::string>* Request_Keys::find(const std::string& name) const {
    if (const auto found = own.find(name); found != own.end()) return &found->second;
    if (shared == nullptr) return nullptr;
    const auto found = shared->find(name);
    return found == shared->end() ? nullptr : &found->second;
}

// ---- patterns ----

void Policy_Pattern::add(std::string_view text) {
    for (const char c : text) units_ += c == '*' ? any_text : c == '?' ? any_character : unit_of(c);
}

void Policy_Pattern::add_literal(std::string_view text) {
    for (const char c : text) units_ += unit_of(c);
}

bool Policy_Pattern::is_any() const { return units_.size() == 1 && units_.front() == any_text; }

bool Policy_Pattern::matches(std::string_view text, bool ignores_case) const {
    return matches_text(units_, text, ignores_case);
}

bool Policy_Pattern::matches_arn(std::string_view arn) const {
    constexpr int colons = 5;
    std::u16string_view pattern = units_;
    if (std::ranges::count(pattern, u':') < colons || std::ranges::count(arn, ':') < colons) return matches(arn);
    for (int part = 0; part < colons; ++part)
        if (!matches_text(take_part(pattern), base::take_until(arn, ':'), false)) return false;
    return matches_text(pattern, arn, false);
}

std::string Policy_Pattern::literal() const {
    std::string text;
    text.reserve(units_.size());
    for (const char16_t unit : units_)
        text += unit == any_text ? '*' : unit == any_character ? '?' : static_cast<char>(unit);
    return text;
}

// ---- texts ----

/// Takes a variable from the beginning of a text. Returns nullopt if it does not begin with one.
std::optional<Policy_Text::Variable> Policy_Text::take_variable(std::string_view& text) {
    const auto end = text.find('}');
    if (!text.starts_with("${") || end == std::string_view::npos) return std::nullopt;
    const std::string_view content = text.substr(2, end - 2);
    text.remove_prefix(end + 1);
    const auto comma = content.find(',');
    Variable variable;
    variable.name = base::trimmed(content.substr(0, comma));
    variable.key = base::lower_case(variable.name);
    if (comma != std::string_view::npos)
        variable.default_value = base::trimmed(base::trimmed(content.substr(comma + 1)), "'");
    return variable;
}

Policy_Text::Policy_Text(std::string_view text, bool has_variables) : is_too_long_(text.size() > pattern_bytes_max) {
    while (!text.empty()) {
        auto variable = has_variables ? take_variable(text) : std::nullopt;
        if (!variable) {
            const auto next = has_variables ? text.find('$', 1) : std::string_view::npos;
            const std::string_view before = text.substr(0, next);
            end_.add(before);
            text.remove_prefix(before.size());
        } else if (is_literal(variable->name)) {
            end_.add_literal(variable->name);
        } else {
            variable->before = std::exchange(end_, {});
            variables_.push_back(std::move(*variable));
        }
    }
}

Matched Policy_Text::expand(const Request_Keys& keys, Policy_Pattern& pattern) const {
    if (is_too_long_) return Matched::undecided;
    for (const Variable& variable : variables_) {
        const auto values = keys.find(variable.key);
        const bool has_value = values != nullptr && values->size() == 1;
        if (!has_value && !variable.default_value) return Matched::no;
        const std::string& value = has_value ? values->front() : *variable.default_value;
        if (pattern.size() + variable.before.size() + value.size() > pattern_bytes_max) return Matched::undecided;
        pattern.add(variable.before);
        pattern.add_literal(value);
    }
    pattern.add(end_);
    return Matched::yes;
}

std::vector<std::string> Policy_Text::variables() const {
    std::vector<std::string> names;
    for (const Variable& variable : variables_) names.push_back(variable.name);
    return names;
}

}  // namespace osbot_aws::services

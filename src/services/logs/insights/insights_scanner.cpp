#include "services/logs/insights/insights_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"

namespace osbot_aws::services {
namespace {

constexpr int open_parentheses_in_query_max = 64;  // the engine's own limit: the parser recurses for each
constexpr int operators_in_query_max = 500;        // the same: a query is evaluated by a recursion over them
constexpr std::size_t error_characters_max = 40;   // of the text in an error

bool is_field_character(char c) { return base::is_alphanumeric(c) || c == '_' || c == '@' || c == '.'; }

}  // namespace

Error malformed_query(std::string message) { return {"MalformedQueryException", std::move(message)}; }

void Insights_Scanner::skip() {
    while (!rest_.empty()) {
        if (base::is_space(rest_.front()))
            rest_.remove_prefix(1);
        else if (rest_.front() == '#')
            rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
        else
            return;
    }
}

bool Insights_Scanner::at_end() { return skip(), rest_.empty(); }

char Insights_Scanner::peek() { return at_end() ? '\0' : rest_.front(); }

bool Insights_Scanner::take(std::string_view mark) { return skip(), base::take_prefix(rest_, mark); }

bool Insights_Scanner::take_word(std::string_view word) {
    skip();
    if (!base::equal_ignoring_case(rest_.substr(0, word.size()), word)) return false;
    if (rest_.size() > word.size() && is_field_character(rest_[word.size()])) return false;
    rest_.remove_prefix(word.size());
    return true;
}

Result<std::string> Insights_Scanner::name() {
    if (take("`")) {
        const auto end = rest_.find('`');
        if (end == std::string_view::npos) return malformed_query("the name of a field has no closing `");
        std::string text(rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return text;
    }
    const auto end = std::ranges::find_if_not(rest_, is_field_character);
    std::string text(rest_.begin(), end);
    if (text.empty() || base::is_digit(text.front())) return unexpected();
    rest_.remove_prefix(text.size());
    return text;
}

Result<std::string> Insights_Scanner::quoted() {
    const char quote = peek();
    if (quote != '"' && quote != '\'') return unexpected();
    std::string text;
    for (rest_.remove_prefix(1); !rest_.empty(); rest_.remove_prefix(1)) {
        if (rest_.front() == quote) return rest_.remove_prefix(1), text;
        const bool is_escape = rest_.front() == '\\' && rest_.size() > 1 && (rest_[1] == quote || rest_[1] == '\\');
        if (is_escape) rest_.remove_prefix(1);
        text += rest_.front();
    }
    return malformed_query("a text has no closing quote");
}

Result<base::Regex> Insights_Scanner::regex() {
    if (!take("/")) return unexpected();
    std::string pattern;
    for (; !rest_.empty() && rest_.front() != '/'; rest_.remove_prefix(1)) {
        if (rest_.starts_with("\\/")) {
            rest_.remove_prefix(1);
        } else if (rest_.front() == '\\' && rest_.size() > 1) {
            pattern += rest_.front();
            rest_.remove_prefix(1);
        }
        pattern += rest_.front();
    }
    if (!base::take_prefix(rest_, "/")) return malformed_query("a regular expression has no closing /");
    auto compiled = base::Regex::compile_search(pattern);
    if (!compiled) return malformed_query("invalid regular expression: " + compiled.error().message);
    return compiled;
}

std::string Insights_Scanner::digits_and_letters() {
    skip();
    const auto end = std::ranges::find_if_not(rest_, [](char c) { return base::is_alphanumeric(c) || c == '.'; });
    std::string text(rest_.begin(), end);
    rest_.remove_prefix(text.size());
    return text;
}

Error Insights_Scanner::unexpected() {
    if (at_end()) return malformed_query("unexpected end of the query");
    const auto end = std::ranges::find_if_not(rest_, is_field_character);
    const std::size_t size =
        std::clamp<std::size_t>(static_cast<std::size_t>(end - rest_.begin()), 1, error_characters_max);
    const std::string_view before = text_.substr(0, position());
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto column = before.size() - (before.rfind('\n') + 1) + 1;
    return malformed_query(
        fmt::format("unexpected symbol found {} at line {} and position {}", rest_.substr(0, size), line, column));
}

std::size_t Insights_Scanner::position() { return skip(), text_.size() - rest_.size(); }

std::string_view Insights_Scanner::text_from(std::size_t position) const {
    return base::trimmed(text_.substr(position, text_.size() - rest_.size() - position));
}

bool Insights_Scanner::enter() { return ++depth_ <= open_parentheses_in_query_max; }
bool Insights_Scanner::count_operator() { return ++operators_ <= operators_in_query_max; }

Result<std::int64_t> parse_insights_period(Insights_Scanner& scanner) {
    struct Unit {
        std::initializer_list<std::string_view> names;
        std::int64_t ms;
    };
    static const Unit units[] = {{{"ms", "msec", "millisecond", "milliseconds"}, 1},
                                 {{"s", "sec", "second", "seconds"}, 1000},
                                 {{"m", "min", "minute", "minutes"}, 60'000},
                                 {{"h", "hr", "hour", "hours"}, 3'600'000},
                                 {{"d", "day", "days"}, 86'400'000},
                                 {{"w", "week", "weeks"}, 604'800'000}};
    const std::string text = scanner.digits_and_letters();
    const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
    const std::string name = digits.size() == text.size() ? scanner.digits_and_letters() : text.substr(digits.size());
    const auto count = base::parse_number<std::int32_t>(digits);
    for (const Unit& unit : units)
        if (count && *count > 0 && std::ranges::count(unit.names, name) > 0) return *count * unit.ms;
    return malformed_query(fmt::format("invalid period '{}': expected a number and s, m, h, d or w", text));
}

}  // namespace osbot_aws::services

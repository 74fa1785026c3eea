#include "services/logs/filter_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "services/logs/log_rules.hpp"

namespace osbot_aws::services {
namespace {

// botocore, logs/2014-03-28/service-2.json, FilterPattern
constexpr std::size_t pattern_characters_max = 1024;

constexpr std::string_view pattern_spaces = " \t\r\n";

/// Splits a message at spaces. Text "in quotes" or [in brackets] is one column.
std::vector<std::string_view> columns_of(std::string_view message) {
    std::vector<std::string_view> columns;
    while (!(message = base::trimmed(message, pattern_spaces)).empty()) {
        const char closing = message.front() == '"' ? '"' : message.front() == '[' ? ']' : '\0';
        const auto closed = closing == '\0' ? std::string_view::npos : message.find(closing, 1);
        const bool enclosed = closed != std::string_view::npos;
        const auto end = enclosed ? closed + 1 : std::min(message.find_first_of(" \t\r\n"), message.size());
        columns.push_back(enclosed ? message.substr(1, closed - 1) : message.substr(0, end));
        message.remove_prefix(end);
    }
    return columns;
}

}  // namespace

Result<Filter_Pattern> Filter_Pattern::parse(std::string_view text) {
    if (text.size() > pattern_characters_max) {
        return bad_log_parameter(
            fmt::format("1 validation error detected: Value '{}' at 'filterPattern' failed to satisfy "
                        "constraint: Member must have length less than or equal to {}",
                        text, pattern_characters_max));
    }
    text = base::trimmed(text, pattern_spaces);
    for (const auto& [open, close, parse_inside] :
         {std::tuple{'{', '}', &parse_json}, std::tuple{'[', ']', &parse_columns}}) {
        if (!text.starts_with(open)) continue;
        if (!text.ends_with(close)) {
            return bad_log_parameter(
                fmt::format("If a filter pattern starts with '{}' it must end with '{}'", open, close));
        }
        return parse_inside(Filter_Scanner(text.substr(1, text.size() - 2)));
    }
    return parse_terms(Filter_Scanner(text));
}

Result<Filter_Pattern> Filter_Pattern::parse_terms(Filter_Scanner scanner) {
    Filter_Pattern pattern;
    while (!scanner.at_end()) {
        auto& terms = scanner.take("?") ? pattern.any_ : scanner.take("-") ? pattern.none_ : pattern.all_;
        OSBOT_TRY(auto term, parse_term(scanner));
        terms.push_back(std::move(term));
    }
    if (!pattern.all_.empty() || !pattern.none_.empty()) pattern.any_.clear();
    return pattern;
}

Result<Filter_Pattern::Term> Filter_Pattern::parse_term(Filter_Scanner& scanner) {
    Term term;
    if (scanner.peek() == '%') {
        OSBOT_TRY(auto regex, scanner.regex());
        term.regex = std::move(regex);
    } else if (scanner.peek() == '"') {
        OSBOT_TRY(auto text, scanner.quoted());
        term.text = std::move(text);
    } else {
        term.text = scanner.take_while(is_filter_word_character);
        if (term.text.empty()) return scanner.unexpected_character();
    }
    return term;
}

Result<Filter_Pattern> Filter_Pattern::parse_json(Filter_Scanner scanner) {
    OSBOT_TRY(auto expression, Filter_Expression::parse(scanner, parse_json_condition));
    if (!scanner.at_end()) return scanner.unexpected_character();
    Filter_Pattern pattern;
    pattern.json_ = std::move(expression);
    return pattern;
}

Result<Filter_Pattern> Filter_Pattern::parse_columns(Filter_Scanner scanner) {
    Columns columns;
    columns.has_ellipsis = scanner.at_end();  // [] matches everything
    while (!scanner.at_end()) {
        if (scanner.take("...")) {
            if (std::exchange(columns.has_ellipsis, true)) return scanner.unexpected_character();
        } else {
            OSBOT_TRY(auto column, parse_column(scanner));
            (columns.has_ellipsis ? columns.after : columns.before).push_back(std::move(column));
        }
        if (!scanner.take(",")) break;
    }
    if (!scanner.at_end()) return scanner.unexpected_character();
    Filter_Pattern pattern;
    pattern.columns_ = std::move(columns);
    return pattern;
}

/// Parses a column: a name alone, or conditions on it.
Result<Filter_Pattern::Column> Filter_Pattern::parse_column(Filter_Scanner& scanner) {
    Filter_Scanner ahead = scanner;
    while (ahead.open()) {}
    std::string name;
    if (ahead.peek() != '\0') name = ahead.take_while([](char c) { return is_filter_word_character(c) || c == '-'; });
    if (!name.empty() && (ahead.peek() == ',' || ahead.at_end())) {
        scanner = ahead;
        return Column{.name = std::move(name), .condition = std::nullopt};
    }
    OSBOT_TRY(auto condition, Filter_Expression::parse(scanner, parse_column_condition));
    return Column{.name = std::move(name), .condition = std::move(condition)};
}

bool Filter_Pattern::Term::is_in(std::string_view message) const {
    return regex ? regex->found_in(message) : message.find(text) != std::string_view::npos;
}

bool Filter_Pattern::Columns::match(std::string_view message) const {
    const auto found = columns_of(message);
    const auto named_columns = before.size() + after.size();
    if (found.size() < named_columns || (!has_ellipsis && found.size() != named_columns)) return false;
    const auto holds = [](const Column& column, std::string_view text) {
        return !column.condition || column.condition->holds(text);
    };
    return std::equal(before.begin(), before.end(), found.begin(), holds) &&
           std::equal(after.begin(), after.end(), found.end() - static_cast<std::ptrdiff_t>(after.size()), holds);
}

/// Columns of an ellipsis have no name, so their number is used.
std::string Filter_Pattern::Columns::name_of(std::size_t index, std::size_t count) const {
    const std::size_t first_after = count - after.size();
    const Column* column = index < before.size()                    ? &before[index]
                           : index >= first_after && !after.empty() ? &after[index - first_after]
                                                                    : nullptr;
    return column == nullptr || column->name.empty() ? std::to_string(index + 1) : column->name;
}

std::map<std::string, std::string> Filter_Pattern::columns(std::string_view message) const {
    std::map<std::string, std::string> named;
    if (!columns_) return named;
    const auto found = columns_of(message);
    for (std::size_t i = 0; i < found.size(); ++i) named[columns_->name_of(i, found.size())] = found[i];
    return named;
}

std::map<std::string, std::string> Filter_Pattern::extracted(std::string_view message) const {
    std::map<std::string, std::string> named;
    for (auto& [name, value] : columns(message)) named["$" + name] = value;
    if (!json_) return named;
    const Json parsed = base::parse_json(message);
    json_->for_each([&](const Filter_Condition& condition) {
        if (auto value = condition.value_in(parsed)) named[condition.path_text] = std::move(*value);
    });
    return named;
}

bool Filter_Pattern::matches(std::string_view message) const {
    if (json_) {
        const auto parsed = base::parse_json(message);
        return parsed.is_object() && json_->holds(parsed);
    }
    if (columns_) return columns_->match(message);
    const auto is_contained = [&](const Term& term) { return term.is_in(message); };
    return std::ranges::all_of(all_, is_contained) && (any_.empty() || std::ranges::any_of(any_, is_contained)) &&
           std::ranges::none_of(none_, is_contained);
}

}  // namespace osbot_aws::services

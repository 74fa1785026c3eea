#include "services/logs/filter_condition.hpp"

#include <fmt/format.h>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/wildcard.hpp"
#include "services/logs/log_rules.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html, Quotas
constexpr int regexes_max = 2;
constexpr int open_parentheses_max = 32;  // the engine's own limit: the parser recurses for each

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_operand_character(char c) {
    return is_filter_word_character(c) || c == '*' || c == '.' || c == '-' || c == '+';
}

bool compare_numbers(Filter_Operator compare, double value, double operand) {
    switch (compare) {
        case Filter_Operator::equal:
            return value == operand;
        case Filter_Operator::not_equal:
            return value != operand;
        case Filter_Operator::less:
            return value < operand;
        case Filter_Operator::less_or_equal:
            return value <= operand;
        case Filter_Operator::greater:
            return value > operand;
        case Filter_Operator::greater_or_equal:
            return value >= operand;
    }
    return false;
}

/// `number` is the value of `text` if it is a number.
bool compare_value(const Filter_Condition& condition, std::string_view text, const std::optional<double>& number) {
    if (number && condition.operand.number())
        return compare_numbers(condition.compare, *number, *condition.operand.number());
    if (condition.compare == Filter_Operator::equal) return condition.operand.equals(text);
    return condition.compare == Filter_Operator::not_equal && !condition.operand.equals(text);
}

const Json* find(const Json& message, const std::vector<Filter_Condition::Step>& path) {
    const Json* at = &message;
    for (const auto& step : path) {
        if (const auto* name = std::get_if<std::string>(&step)) {
            const auto found = at->find(*name);  // returns end() if it is not an object
            if (found == at->end()) return nullptr;
            at = &*found;
        } else {
            const auto index = std::get<std::size_t>(step);
            if (!at->is_array() || index >= at->size()) return nullptr;
            at = &(*at)[index];
        }
    }
    return at;
}

std::optional<Filter_Operator> take_operator(Filter_Scanner& scanner) {
    if (scanner.take("!=")) return Filter_Operator::not_equal;
    if (scanner.take("<=")) return Filter_Operator::less_or_equal;
    if (scanner.take(">=")) return Filter_Operator::greater_or_equal;
    if (scanner.take("<")) return Filter_Operator::less;
    if (scanner.take(">")) return Filter_Operator::greater;
    if (scanner.take("=")) return Filter_Operator::equal;
    return std::nullopt;
}

Result<void> parse_comparison(Filter_Scanner& scanner, Filter_Condition& condition) {
    const auto compare = take_operator(scanner);
    if (!compare) return scanner.unexpected_character();
    OSBOT_TRY(auto operand, Filter_Operand::parse(scanner));
    const bool orders = *compare != Filter_Operator::equal && *compare != Filter_Operator::not_equal;
    if (orders && !operand.number()) return invalid_pattern();
    condition.compare = *compare;
    condition.operand = std::move(operand);
    return {};
}

/// Parses [0], ['name'] or ["name"], after the opening bracket.
Result<Filter_Condition::Step> parse_bracketed_step(Filter_Scanner& scanner) {
    Filter_Condition::Step step;
    if (scanner.peek() == '"') {
        OSBOT_TRY(auto name, scanner.quoted());
        step = std::move(name);
    } else if (scanner.take("'")) {
        step = scanner.take_while([](char c) { return c != '\''; });
        if (!scanner.take("'")) return invalid_pattern();
    } else {
        const auto index = base::parse_number<std::size_t>(scanner.take_while(base::is_digit));
        if (!index) return scanner.unexpected_character();
        step = *index;
    }
    if (!scanner.take("]")) return scanner.unexpected_character();
    return step;
}

Result<std::vector<Filter_Condition::Step>> parse_path(Filter_Scanner& scanner) {
    if (!scanner.take("$")) return scanner.unexpected_character();
    std::vector<Filter_Condition::Step> path;
    for (;;) {
        if (scanner.take(".")) {
            auto name = scanner.take_while([](char c) { return is_filter_word_character(c) || c == '-'; });
            if (name.empty()) return scanner.unexpected_character();
            path.emplace_back(std::move(name));
        } else if (scanner.take("[")) {
            OSBOT_TRY(auto step, parse_bracketed_step(scanner));
            path.push_back(std::move(step));
        } else if (path.empty()) {
            return scanner.unexpected_character();
        } else {
            return path;
        }
    }
}

}  // namespace

bool is_filter_word_character(char c) {
    return base::is_alphanumeric(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;  // non-ASCII letters in UTF-8
}

void Filter_Scanner::skip_spaces() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
}

bool Filter_Scanner::at_end() {
    skip_spaces();
    return rest_.empty();
}

char Filter_Scanner::peek() { return at_end() ? '\0' : rest_.front(); }

bool Filter_Scanner::take(std::string_view mark) {
    skip_spaces();
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(mark.size());
    return true;
}

bool Filter_Scanner::take_word(std::string_view word) {
    skip_spaces();
    if (rest_.size() > word.size() && is_filter_word_character(rest_[word.size()])) return false;
    return take(word);
}

std::string Filter_Scanner::take_while(bool (*belongs)(char)) {
    const auto end = std::ranges::find_if_not(rest_, belongs);
    std::string taken(rest_.begin(), end);
    rest_.remove_prefix(taken.size());
    return taken;
}

Result<std::string> Filter_Scanner::quoted() {
    std::string text;
    for (rest_.remove_prefix(1); !rest_.empty(); rest_.remove_prefix(1)) {
        if (rest_.front() == '"') {
            rest_.remove_prefix(1);
            return text;
        }
        if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
        text += rest_.front();
    }
    return invalid_pattern();
}

Result<Filter_Regex> Filter_Scanner::regex() {
    if (++regexes_ > regexes_max) return invalid_pattern();
    const auto end = rest_.find('%', 1);
    if (end == std::string_view::npos) return invalid_pattern();
    const auto text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return Filter_Regex::parse(text);
}

bool Filter_Scanner::open() {
    if (open_ >= open_parentheses_max || !take("(")) return false;
    ++open_;
    return true;
}

bool Filter_Scanner::close() {
    if (!take(")")) return false;
    --open_;
    return true;
}

Error Filter_Scanner::unexpected_character() {
    return at_end() ? invalid_pattern()
                    : bad_log_parameter(fmt::format("Invalid character(s) in term '{}'", rest_.front()));
}

Result<Filter_Operand> Filter_Operand::parse(Filter_Scanner& scanner) {
    Filter_Operand operand;
    if (scanner.peek() == '%') {
        OSBOT_TRY(auto regex, scanner.regex());
        operand.regex_ = std::move(regex);
    } else if (scanner.peek() == '"') {
        OSBOT_TRY(auto text, scanner.quoted());
        operand.text_ = std::move(text);
    } else {
        operand.text_ = scanner.take_while(is_operand_character);
        if (operand.text_.empty()) return scanner.unexpected_character();
        operand.number_ = base::parse_double(operand.text_);
    }
    return operand;
}

bool Filter_Operand::equals(std::string_view text) const {
    return regex_ ? regex_->found_in(text) : base::matches_wildcards(text_, text);
}

bool Filter_Condition::holds(const Json& message) const {
    const Json* value = find(message, path);
    if (kind == Kind::not_exists) return value == nullptr;
    if (value == nullptr) return false;
    switch (kind) {
        case Kind::is_true:
            return value->is_boolean() && value->get<bool>();
        case Kind::is_false:
            return value->is_boolean() && !value->get<bool>();
        case Kind::is_null:
            return value->is_null();
        default:
            break;
    }
    if (value->is_string()) return compare_value(*this, value->get_ref<const std::string&>(), std::nullopt);
    const auto number = value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
    return compare_value(*this, base::dump_json_lossy(*value), number);
}

std::optional<std::string> Filter_Condition::value_in(const Json& message) const {
    const Json* value = find(message, path);
    if (value == nullptr) return std::nullopt;
    return value->is_string() ? value->get<std::string>() : base::dump_json_lossy(*value);
}

bool Filter_Condition::holds(std::string_view column) const {
    return compare_value(*this, column, base::parse_double(column));
}

Result<Filter_Condition> parse_json_condition(Filter_Scanner& scanner) {
    Filter_Condition condition;
    scanner.peek();  // skips white space
    const std::string_view text = scanner.rest();
    OSBOT_TRY(condition.path, parse_path(scanner));
    condition.path_text = base::trimmed(text.substr(0, text.size() - scanner.rest().size()));
    using Kind = Filter_Condition::Kind;
    if (scanner.take_word("IS")) {
        if (scanner.take_word("TRUE")) return condition.kind = Kind::is_true, condition;
        if (scanner.take_word("FALSE")) return condition.kind = Kind::is_false, condition;
        if (scanner.take_word("NULL")) return condition.kind = Kind::is_null, condition;
        return scanner.unexpected_character();
    }
    if (scanner.take_word("NOT")) {
        if (!scanner.take_word("EXISTS")) return scanner.unexpected_character();
        condition.kind = Kind::not_exists;
        return condition;
    }
    OSBOT_TRY(parse_comparison(scanner, condition));
    return condition;
}

Result<Filter_Condition> parse_column_condition(Filter_Scanner& scanner) {
    Filter_Condition condition;
    if (scanner.peek() == '\0') return scanner.unexpected_character();
    if (scanner.take_while([](char c) { return is_filter_word_character(c) || c == '-'; }).empty())
        return scanner.unexpected_character();
    OSBOT_TRY(parse_comparison(scanner, condition));
    return condition;
}

Result<Filter_Expression> Filter_Expression::parse(Filter_Scanner& scanner, Parse_Condition condition) {
    return parse_chain(scanner, condition, false);
}

Result<Filter_Expression> Filter_Expression::parse_part(Filter_Scanner& scanner, Parse_Condition condition) {
    if (scanner.open()) {
        auto inner = parse(scanner, condition);
        if (inner && !scanner.close()) return scanner.unexpected_character();
        return inner;
    }
    OSBOT_TRY(auto parsed, condition(scanner));
    Filter_Expression expression;
    expression.condition_ = std::move(parsed);
    return expression;
}

Result<Filter_Expression> Filter_Expression::parse_chain(Filter_Scanner& scanner, Parse_Condition condition, bool all) {
    Filter_Expression chain;
    chain.all_ = all;
    do {
        OSBOT_TRY(auto part, all ? parse_part(scanner, condition) : parse_chain(scanner, condition, true));
        chain.parts_.push_back(std::move(part));
    } while (scanner.take(all ? "&&" : "||"));
    return chain;
}

}  // namespace osbot_aws::services

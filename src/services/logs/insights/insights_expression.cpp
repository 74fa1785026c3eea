// Expressions of queries, compiled to functions of a row. From the least binding to the most: or, and, not,
// comparisons, + -, * / %, ^, unary -.
#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "services/logs/insights/insights_scanner.hpp"
#include "services/logs/insights/math_library.hpp"

namespace osbot_aws::services {
namespace {

using Expression = Insights_Expression;
using Arguments = std::vector<Expression>;

Insights_Value boolean(bool value) { return value ? 1.0 : 0.0; }

Result<Expression> parse_or(Insights_Scanner& scanner);
Result<Expression> parse_sum(Insights_Scanner& scanner);

Expression constant(Insights_Value value) {
    return [value = std::move(value)](const Insights_Row&) { return value; };
}

Result<Expression> parse_number_literal(Insights_Scanner& scanner) {
    const std::string text = scanner.digits_and_letters();
    const auto number = base::parse_double(text);
    if (!number) return malformed_query("invalid number '" + text + "'");
    return constant(number_value(*number));
}

/// Parses bin(5m), datefloor(time, 5m) and the like, after the parenthesis.
Result<Expression> parse_time_bin(Insights_Scanner& scanner, bool has_time, bool rounds_up) {
    Expression time = [](const Insights_Row& row) { return row.get("@timestamp"); };
    if (has_time) {
        OSBOT_TRY(time, parse_sum(scanner));
        if (!scanner.take(",")) return scanner.unexpected();
    }
    OSBOT_TRY(const std::int64_t period, parse_insights_period(scanner));
    if (!scanner.take(")")) return scanner.unexpected();
    return Expression([time, period, rounds_up](const Insights_Row& row) -> Insights_Value {
        const auto ms = number_of(time(row));
        if (!ms) return {};
        const double bin = static_cast<double>(period), bins = *ms / bin;
        return time_of_ms((rounds_up ? rounded_up(bins) : rounded_down(bins)) * bin);
    });
}

Result<Expression> parse_call(Insights_Scanner& scanner, const std::string& name) {
    if (name == "bin") return parse_time_bin(scanner, false, false);
    if (name == "datefloor") return parse_time_bin(scanner, true, false);
    if (name == "dateceil") return parse_time_bin(scanner, true, true);
    OSBOT_TRY(auto arguments, parse_insights_arguments(scanner));
    return insights_function(name, std::move(arguments));
}

Result<Expression> parse_primary(Insights_Scanner& scanner) {
    const char next = scanner.peek();
    if (next == '"' || next == '\'')
        return scanner.quoted().transform([](const std::string& text) { return constant(text); });
    if (next >= '0' && next <= '9') return parse_number_literal(scanner);
    if (scanner.take("(")) {
        if (!scanner.enter()) return malformed_query("too many parentheses are open");
        OSBOT_TRY(auto inner, parse_or(scanner));
        scanner.leave();
        if (!scanner.take(")")) return scanner.unexpected();
        return inner;
    }
    if (scanner.take_word("true")) return constant(boolean(true));
    if (scanner.take_word("false")) return constant(boolean(false));
    OSBOT_TRY(auto name, scanner.name());
    if (scanner.take("(")) {
        if (!scanner.enter()) return malformed_query("too many parentheses are open");
        auto call = parse_call(scanner, name);
        scanner.leave();
        return call;
    }
    return Expression([name = std::move(name)](const Insights_Row& row) { return row.get(name); });
}

Result<Expression> parse_unary(Insights_Scanner& scanner) {
    bool negative = false;
    while (scanner.take("-")) negative = !negative;
    OSBOT_TRY(auto operand, parse_primary(scanner));
    if (!negative) return operand;
    return Expression([operand = std::move(operand)](const Insights_Row& row) -> Insights_Value {
        const auto number = number_of(operand(row));
        return number ? Insights_Value(-*number) : Insights_Value();
    });
}

Expression arithmetic(char operation, Expression left, Expression right) {
    return [operation, left = std::move(left), right = std::move(right)](const Insights_Row& row) -> Insights_Value {
        const auto a = number_of(left(row)), b = number_of(right(row));
        if (!a || !b) return {};
        switch (operation) {
            case '+':
                return number_value(*a + *b);
            case '-':
                return number_value(*a - *b);
            case '*':
                return number_value(*a * *b);
            case '^':
                return number_value(power(*a, *b));
            default:
                return number_value(operation == '/' ? *a / *b : remainder_of(*a, *b));  // not finite if *b is 0
        }
    };
}

/// Parses operands that are combined by one of these operators, from left to right.
Result<Expression> parse_operators(Insights_Scanner& scanner, std::string_view operators,
                                   Result<Expression> (*parse_operand)(Insights_Scanner&)) {
    OSBOT_TRY(auto left, parse_operand(scanner));
    for (char next = scanner.peek(); next != '\0' && operators.find(next) != std::string_view::npos;
         next = scanner.peek()) {
        scanner.take(std::string_view(&next, 1));
        if (!scanner.count_operator()) return malformed_query("the query has too many arithmetic operators");
        OSBOT_TRY(auto right, parse_operand(scanner));
        left = arithmetic(next, std::move(left), std::move(right));
    }
    return left;
}

Result<Expression> parse_power(Insights_Scanner& scanner) { return parse_operators(scanner, "^", &parse_unary); }
Result<Expression> parse_product(Insights_Scanner& scanner) { return parse_operators(scanner, "*/%", &parse_power); }
Result<Expression> parse_sum(Insights_Scanner& scanner) { return parse_operators(scanner, "+-", &parse_product); }

/// Parses the right side of `like` or `=~`: a text that is contained, or a regular expression.
Result<Expression> parse_like(Insights_Scanner& scanner, const Expression& left, bool negated) {
    if (scanner.peek() == '/') {
        OSBOT_TRY(auto regex, scanner.regex());
        return Expression([left, negated, regex = std::make_shared<base::Regex>(std::move(regex))](const auto& row) {
            return boolean(regex->search(text_of(left(row))).has_value() != negated);
        });
    }
    OSBOT_TRY(auto part, scanner.quoted());
    return Expression([left, negated, part = std::move(part)](const Insights_Row& row) {
        return boolean((text_of(left(row)).find(part) != std::string::npos) != negated);
    });
}

bool equal(const Insights_Value& a, const Insights_Value& b) {
    return has_value(a) && has_value(b) && compare(a, b) == std::weak_ordering::equivalent;
}

Result<Expression> parse_in(Insights_Scanner& scanner, const Expression& left, bool negated) {
    if (!scanner.take("[")) return scanner.unexpected();
    Arguments items;
    do {
        OSBOT_TRY(auto item, parse_sum(scanner));
        items.push_back(std::move(item));
    } while (scanner.take(","));
    if (!scanner.take("]")) return scanner.unexpected();
    return Expression([left, negated, items = std::move(items)](const Insights_Row& row) {
        const auto value = left(row);
        const auto is_value = [&](const Expression& item) { return equal(value, item(row)); };
        return boolean(std::ranges::any_of(items, is_value) != negated);
    });
}

/// A field without a value is unequal to each value, and neither less nor greater.
using Compare = bool (*)(const Insights_Value&, const Insights_Value&);
bool both(const Insights_Value& a, const Insights_Value& b) { return has_value(a) && has_value(b); }
constexpr std::pair<std::string_view, Compare> comparisons[] = {
    {"!=", [](const auto& a, const auto& b) { return !equal(a, b); }},
    {"<=", [](const auto& a, const auto& b) { return both(a, b) && compare(a, b) <= 0; }},
    {">=", [](const auto& a, const auto& b) { return both(a, b) && compare(a, b) >= 0; }},
    {"<", [](const auto& a, const auto& b) { return both(a, b) && compare(a, b) < 0; }},
    {">", [](const auto& a, const auto& b) { return both(a, b) && compare(a, b) > 0; }},
    {"==", [](const auto& a, const auto& b) { return equal(a, b); }},
    {"=", [](const auto& a, const auto& b) { return equal(a, b); }}};

Result<Expression> parse_comparison(Insights_Scanner& scanner) {
    OSBOT_TRY(auto left, parse_sum(scanner));
    if (scanner.take("=~")) return parse_like(scanner, left, false);
    for (const auto& [mark, compares] : comparisons) {
        if (!scanner.take(mark)) continue;
        OSBOT_TRY(auto right, parse_sum(scanner));
        return Expression([left, right, compares = compares](const Insights_Row& row) {
            return boolean(compares(left(row), right(row)));
        });
    }
    if (scanner.take_word("like")) return parse_like(scanner, left, false);
    if (scanner.take_word("in")) return parse_in(scanner, left, false);
    if (!scanner.take_word("not")) return left;
    if (scanner.take_word("like")) return parse_like(scanner, left, true);
    if (scanner.take_word("in")) return parse_in(scanner, left, true);
    return scanner.unexpected();
}

Result<Expression> parse_not(Insights_Scanner& scanner) {
    bool negated = false;
    while (scanner.take_word("not")) negated = !negated;
    OSBOT_TRY(auto operand, parse_comparison(scanner));
    if (!negated) return operand;
    return Expression([operand](const Insights_Row& row) { return boolean(!is_true(operand(row))); });
}

Result<Expression> parse_and(Insights_Scanner& scanner) {
    Arguments all;
    do {
        OSBOT_TRY(auto part, parse_not(scanner));
        all.push_back(std::move(part));
    } while (scanner.take_word("and") || scanner.take("&&"));
    if (all.size() == 1) return all.front();
    return Expression([all = std::move(all)](const Insights_Row& row) {
        return boolean(std::ranges::all_of(all, [&](const Expression& part) { return is_true(part(row)); }));
    });
}

Result<Expression> parse_or(Insights_Scanner& scanner) {
    Arguments any;
    do {
        OSBOT_TRY(auto part, parse_and(scanner));
        any.push_back(std::move(part));
    } while (scanner.take_word("or") || scanner.take("||"));
    if (any.size() == 1) return any.front();
    return Expression([any = std::move(any)](const Insights_Row& row) {
        return boolean(std::ranges::any_of(any, [&](const Expression& part) { return is_true(part(row)); }));
    });
}

}  // namespace

Result<Insights_Expression> parse_insights_expression(Insights_Scanner& scanner) { return parse_or(scanner); }

Result<std::vector<Insights_Expression>> parse_insights_arguments(Insights_Scanner& scanner) {
    Arguments arguments;
    if (scanner.take(")")) return arguments;
    do {
        OSBOT_TRY(auto argument, parse_or(scanner));
        arguments.push_back(std::move(argument));
    } while (scanner.take(","));
    if (!scanner.take(")")) return scanner.unexpected();
    return arguments;
}

}  // namespace osbot_aws::services

// The functions of queries. Source:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.hpp"
#include "services/logs/insights/insights_scanner.hpp"
#include "services/logs/insights/math_library.hpp"

namespace osbot_aws::services {
namespace {

using Values = std::vector<Insights_Value>;

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

/// A function of the values of its arguments.
struct Insights_Function {
    std::string_view name;
    std::size_t min, max;  ///< number of arguments
    Insights_Value (*call)(const Values&);
    bool takes_missing = false;  ///< else the result has no value if an argument has none
};

template <double (*Function)(double)>
Insights_Value of_number(const Values& values) {
    const auto number = number_of(values[0]);
    return number ? number_value(Function(*number)) : Insights_Value();
}

double absolute(double x) { return std::abs(x); }
double square_root(double x) { return std::sqrt(x); }

Insights_Value extreme(const Values& values, bool greatest) {
    const auto less = [](const auto& a, const auto& b) { return compare(a, b) < 0; };
    return greatest ? *std::ranges::max_element(values, less) : *std::ranges::min_element(values, less);
}

Insights_Value concatenated(const Values& values) {
    std::string text;
    for (const auto& value : values) text += text_of(value);
    return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    if (from.empty()) return text;
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

Insights_Value part_of(const Values& values) {
    const std::string text = text_of(values[0]);
    const auto index = [&](std::size_t at) {
        return static_cast<std::size_t>(
            std::clamp(number_of(values[at]).value_or(0), 0.0, static_cast<double>(text.size())));
    };
    const std::size_t start = index(1);
    return text.substr(start, values.size() > 2 ? index(2) : std::string::npos);
}

/// Trims the characters of the second argument; without it white space.
template <bool Left, bool Right>
Insights_Value without_ends(const Values& values) {
    std::string text = text_of(values[0]);
    const std::string characters = values.size() > 1 ? text_of(values[1]) : " \t\n\v\f\r";
    if (Right) text.erase(text.find_last_not_of(characters) + 1);
    if (Left) text.erase(0, std::min(text.find_first_not_of(characters), text.size()));
    return text;
}

Insights_Value first_with_value(const Values& values) {
    const auto found = std::ranges::find_if(values, has_value);
    return found == values.end() ? Insights_Value() : *found;
}

bool is_blank(const Insights_Value& value) { return base::trimmed(text_of(value)).empty(); }

Insights_Value time_of(const Values& values) {
    const auto ms = number_of(values[0]);
    return ms ? Insights_Value(time_of_ms(*ms)) : Insights_Value();
}
Insights_Value ms_of(const Values& values) {
    const auto ms = number_of(values[0]);
    return ms ? Insights_Value(*ms) : Insights_Value();
}

Insights_Value truth(bool value) { return value ? 1.0 : 0.0; }

constexpr Insights_Function functions[] = {
    {"abs", 1, 1, &of_number<absolute>},
    {"ceil", 1, 1, &of_number<rounded_up>},
    {"floor", 1, 1, &of_number<rounded_down>},
    {"log", 1, 1, &of_number<logarithm>},
    {"sqrt", 1, 1, &of_number<square_root>},
    {"greatest", 1, any_number, [](const Values& v) { return extreme(v, true); }},
    {"least", 1, any_number, [](const Values& v) { return extreme(v, false); }},
    {"fromMillis", 1, 1, &time_of},
    {"toMillis", 1, 1, &ms_of},
    {"concat", 1, any_number, &concatenated},
    {"strlen", 1, 1, [](const Values& v) { return Insights_Value(static_cast<double>(text_of(v[0]).size())); }},
    {"toupper", 1, 1, [](const Values& v) { return Insights_Value(base::upper_case(text_of(v[0]))); }},
    {"tolower", 1, 1, [](const Values& v) { return Insights_Value(base::lower_case(text_of(v[0]))); }},
    {"substr", 2, 3, &part_of},
    {"replace", 3, 3,
     [](const Values& v) { return Insights_Value(replaced(text_of(v[0]), text_of(v[1]), text_of(v[2]))); }},
    {"strcontains", 2, 2,
     [](const Values& v) { return truth(text_of(v[0]).find(text_of(v[1])) != std::string::npos); }},
    {"trim", 1, 2, &without_ends<true, true>},
    {"ltrim", 1, 2, &without_ends<true, false>},
    {"rtrim", 1, 2, &without_ends<false, true>},
    {"coalesce", 1, any_number, &first_with_value, true},
    {"ispresent", 1, 1, [](const Values& v) { return truth(has_value(v[0])); }, true},
    {"isempty", 1, 1, [](const Values& v) { return truth(text_of(v[0]).empty()); }, true},
    {"isblank", 1, 1, [](const Values& v) { return truth(is_blank(v[0])); }, true},
};

}  // namespace

Result<Insights_Expression> insights_function(const std::string& name, std::vector<Insights_Expression> arguments) {
    const auto* const found = std::ranges::find_if(
        functions, [&](const Insights_Function& each) { return base::equal_ignoring_case(each.name, name); });
    if (found == std::end(functions)) return malformed_query(fmt::format("unknown function {}", name));
    if (arguments.size() < found->min || arguments.size() > found->max)
        return malformed_query(fmt::format("the function {} does not take {} arguments", name, arguments.size()));
    return Insights_Expression([found, arguments = std::move(arguments)](const Insights_Row& row) -> Insights_Value {
        Values values;
        for (const auto& argument : arguments) values.push_back(argument(row));
        if (!found->takes_missing && !std::ranges::all_of(values, has_value)) return {};
        return found->call(values);
    });
}

}  // namespace osbot_aws::services

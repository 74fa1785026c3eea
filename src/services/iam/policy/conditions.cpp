#include "services/iam/policy/conditions.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/iam/policy/addresses.hpp"
#include "services/iam/policy/dates.hpp"
#include "services/iam/policy/document.hpp"

namespace osbot_aws::services {
namespace {

/// Compares a value of the policy with one of the request.
using Compares = bool (*)(const Policy_Pattern& expected, const std::string& value);

template <class Order>
bool compare(const std::optional<double>& value, const std::optional<double>& expected, Order order) {
    return value && expected && order(*value, *expected);
}

template <class Order>
bool compare_numbers(const Policy_Pattern& expected, const std::string& value) {
    return compare(base::parse_double(value), base::parse_double(expected.literal()), Order());
}

template <class Order>
bool compare_dates(const Policy_Pattern& expected, const std::string& value) {
    return compare(policy_date_s(value), policy_date_s(expected.literal()), Order());
}

bool is_equal(const Policy_Pattern& expected, const std::string& value) { return expected.literal() == value; }
bool is_equal_ignoring_case(const Policy_Pattern& expected, const std::string& value) {
    return base::equal_ignoring_case(expected.literal(), value);
}
bool is_like(const Policy_Pattern& expected, const std::string& value) { return expected.matches(value); }
bool is_arn(const Policy_Pattern& expected, const std::string& value) { return expected.matches_arn(value); }
bool is_address(const Policy_Pattern& expected, const std::string& value) {
    return is_in_network(value, expected.literal());
}

struct Condition_Test {
    std::string_view name;
    Compares matches;
    bool is_negated = false;
};
constexpr std::array condition_operators{
    Condition_Test{"StringEquals", &is_equal},
    Condition_Test{"StringNotEquals", &is_equal, true},
    Condition_Test{"StringEqualsIgnoreCase", &is_equal_ignoring_case},
    Condition_Test{"StringNotEqualsIgnoreCase", &is_equal_ignoring_case, true},
    Condition_Test{"StringLike", &is_like},
    Condition_Test{"StringNotLike", &is_like, true},
    Condition_Test{"NumericEquals", &compare_numbers<std::equal_to<>>},
    Condition_Test{"NumericNotEquals", &compare_numbers<std::equal_to<>>, true},
    Condition_Test{"NumericLessThan", &compare_numbers<std::less<>>},
    Condition_Test{"NumericLessThanEquals", &compare_numbers<std::less_equal<>>},
    Condition_Test{"NumericGreaterThan", &compare_numbers<std::greater<>>},
    Condition_Test{"NumericGreaterThanEquals", &compare_numbers<std::greater_equal<>>},
    Condition_Test{"DateEquals", &compare_dates<std::equal_to<>>},
    Condition_Test{"DateNotEquals", &compare_dates<std::equal_to<>>, true},
    Condition_Test{"DateLessThan", &compare_dates<std::less<>>},
    Condition_Test{"DateLessThanEquals", &compare_dates<std::less_equal<>>},
    Condition_Test{"DateGreaterThan", &compare_dates<std::greater<>>},
    Condition_Test{"DateGreaterThanEquals", &compare_dates<std::greater_equal<>>},
    Condition_Test{"Bool", &is_equal_ignoring_case},
    Condition_Test{"BinaryEquals", &is_equal},
    Condition_Test{"IpAddress", &is_address},
    Condition_Test{"NotIpAddress", &is_address, true},
    Condition_Test{"ArnEquals", &is_arn},
    Condition_Test{"ArnLike", &is_arn},
    Condition_Test{"ArnNotEquals", &is_arn, true},
    Condition_Test{"ArnNotLike", &is_arn, true},
};

/// Returns the values of a condition: one or a list, of texts, numbers and booleans.
std::vector<std::string> values_of(const Json& json) {
    std::vector<std::string> values;
    const Json all = json.is_array() ? json : Json::array({json});
    for (const Json& each : all) values.push_back(each.is_string() ? each.get<std::string>() : base::dump_json(each));
    return values;
}

bool is_null_as_expected(const Json& expected, bool has_key) {
    return std::ranges::any_of(values_of(expected), [&](const std::string& value) {
        return base::equal_ignoring_case(value, has_key ? "false" : "true");
    });
}

bool meets_key(const Condition_Operator& parsed, const Condition_Test& found,
               const std::vector<Policy_Pattern>& expected, const std::vector<std::string>* values) {
    using Set = Condition_Operator::Set;
    if (values == nullptr || values->empty())
        return parsed.if_exists || parsed.set == Set::all || (parsed.set == Set::one && found.is_negated);
    const auto satisfies = [&](const std::string& value) {
        const bool matches_any =
            std::ranges::any_of(expected, [&](const Policy_Pattern& each) { return found.matches(each, value); });
        return matches_any != found.is_negated;
    };
    const bool all = parsed.set == Set::all || (parsed.set == Set::one && found.is_negated);
    return all ? std::ranges::all_of(*values, satisfies) : std::ranges::any_of(*values, satisfies);
}

bool meets_operator(std::string_view name, const Json& tests, const Condition_Keys& keys, bool has_variables) {
    const auto parsed = Condition_Operator::parse(name);
    const auto found = std::ranges::find(condition_operators, parsed.name, &Condition_Test::name);
    for (const auto& [key, value] : tests.items()) {
        const auto values = keys.find(base::lower_case(key));
        if (parsed.name == "Null") {
            if (!is_null_as_expected(value, values != keys.end() && !values->second.empty())) return false;
            continue;
        }
        if (found == condition_operators.end()) return false;
        std::vector<Policy_Pattern> expected;
        for (const std::string& text : values_of(value))
            if (auto pattern = Policy_Pattern::expand(text, keys, has_variables))
                expected.push_back(std::move(*pattern));
        if (!meets_key(parsed, *found, expected, values == keys.end() ? nullptr : &values->second)) return false;
    }
    return true;
}

}  // namespace

bool meets(const Json& condition, const Condition_Keys& keys, bool has_variables) {
    for (const auto& [name, tests] : condition.items())
        if (!meets_operator(name, tests, keys, has_variables)) return false;
    return true;
}

std::set<std::string> keys_of(const Json& condition) {
    std::set<std::string> names;
    for (const Json& tests : condition) {
        for (const auto& [key, value] : tests.items()) {
            names.insert(key);
            for (const std::string& text : values_of(value))
                for (std::string& variable : variables_in(text)) names.insert(std::move(variable));
        }
    }
    return names;
}

}  // namespace osbot_aws::services

#include "services/iam/policy/conditions.hpp"

#include <algorithm>
#include <functional>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/iam/policy/addresses.hpp"
#include "services/iam/policy/dates.hpp"

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

/// Returns the values of a condition: one or a list, of texts, numbers and booleans.
std::vector<Policy_Text> values_of(const Json& json, bool has_variables) {
    std::vector<Policy_Text> values;
    const auto add = [&](const Json& each) {
        values.emplace_back(each.is_string() ? each.get<std::string>() : base::dump_json(each), has_variables);
    };
    if (json.is_array())
        std::for_each(json.begin(), json.end(), add);
    else
        add(json);
    return values;
}

}  // namespace

struct Policy_Conditions::Test {
    std::string_view name;
    Compares matches;
    bool is_negated = false;
    bool is_null_check = false;  ///< compares the absence of the key
};

const Policy_Conditions::Test* Policy_Conditions::test_of(std::string_view name) {
    static constexpr Test tests[] = {
        {"StringEquals", &is_equal},
        {"StringNotEquals", &is_equal, true},
        {"StringEqualsIgnoreCase", &is_equal_ignoring_case},
        {"StringNotEqualsIgnoreCase", &is_equal_ignoring_case, true},
        {"StringLike", &is_like},
        {"StringNotLike", &is_like, true},
        {"NumericEquals", &compare_numbers<std::equal_to<>>},
        {"NumericNotEquals", &compare_numbers<std::equal_to<>>, true},
        {"NumericLessThan", &compare_numbers<std::less<>>},
        {"NumericLessThanEquals", &compare_numbers<std::less_equal<>>},
        {"NumericGreaterThan", &compare_numbers<std::greater<>>},
        {"NumericGreaterThanEquals", &compare_numbers<std::greater_equal<>>},
        {"DateEquals", &compare_dates<std::equal_to<>>},
        {"DateNotEquals", &compare_dates<std::equal_to<>>, true},
        {"DateLessThan", &compare_dates<std::less<>>},
        {"DateLessThanEquals", &compare_dates<std::less_equal<>>},
        {"DateGreaterThan", &compare_dates<std::greater<>>},
        {"DateGreaterThanEquals", &compare_dates<std::greater_equal<>>},
        {"Bool", &is_equal_ignoring_case},
        {"BinaryEquals", &is_equal},
        {"IpAddress", &is_address},
        {"NotIpAddress", &is_address, true},
        {"ArnEquals", &is_arn},
        {"ArnLike", &is_arn},
        {"ArnNotEquals", &is_arn, true},
        {"ArnNotLike", &is_arn, true},
        {"Null", &is_equal_ignoring_case, false, true},
    };
    const auto found = std::ranges::find(tests, name, &Test::name);
    return found == std::end(tests) ? nullptr : found;
}

Condition_Operator Condition_Operator::parse(std::string_view text) {
    Condition_Operator parsed;
    if (base::take_prefix(text, "ForAnyValue:"))
        parsed.set = Set::any;
    else if (base::take_prefix(text, "ForAllValues:"))
        parsed.set = Set::all;
    constexpr std::string_view suffix = "IfExists";
    parsed.if_exists = text.ends_with(suffix);
    if (parsed.if_exists) text.remove_suffix(suffix.size());
    parsed.name = text;
    return parsed;
}

bool Condition_Operator::is_valid() const {
    const auto test = Policy_Conditions::test_of(name);
    return test != nullptr && !(test->is_null_check && if_exists);
}

Policy_Conditions::Policy_Conditions(const Json& condition, bool has_variables) : is_valid_(condition.is_object()) {
    for (const auto& [name, tests] : condition.items()) {
        if (!tests.is_object()) is_valid_ = false;
        if (!is_valid_) return;
        const auto parsed = Condition_Operator::parse(name);
        for (const auto& [key, values] : tests.items())
            conditions_.push_back({.test = test_of(parsed.name),
                                   .set = parsed.set,
                                   .if_exists = parsed.if_exists,
                                   .name = key,
                                   .key = base::lower_case(key),
                                   .values = values_of(values, has_variables)});
    }
}

Matched Policy_Conditions::Condition::met(const Request_Keys& keys) const {
    using Set = Condition_Operator::Set;
    if (test == nullptr) return Matched::undecided;
    const auto found = keys.find(key);
    const bool has_key = found != nullptr && !found->empty();
    const auto equals_any = [&](const std::string& value) {
        const Matched matched = any_matches(values, [&](const Policy_Text& expected) {
            return expected.matches(keys, [&](const Policy_Pattern& pattern) { return test->matches(pattern, value); });
        });
        return test->is_negated ? negated(matched) : matched;
    };
    if (test->is_null_check) return equals_any(has_key ? "false" : "true");
    const bool all = set == Set::all || (set == Set::one && test->is_negated);
    if (!has_key) return matched_if(if_exists || all);
    return all ? all_match(*found, equals_any) : any_matches(*found, equals_any);
}

Matched Policy_Conditions::met(const Request_Keys& keys) const {
    if (!is_valid_) return Matched::undecided;
    return all_match(conditions_, [&](const Condition& condition) { return condition.met(keys); });
}

std::set<std::string> Policy_Conditions::read_keys() const {
    std::set<std::string> names;
    for (const Condition& condition : conditions_) {
        names.insert(condition.name);
        for (const Policy_Text& value : condition.values)
            for (std::string& variable : value.variables()) names.insert(std::move(variable));
    }
    return names;
}

}  // namespace osbot_aws::services

#include "services/lambda/event_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/json.hpp"
#include "base/text.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view alternatives = "$or";

bool compare(double value, std::string_view sign, double limit) {
    if (sign == "=") return value == limit;
    if (sign == "<") return value < limit;
    if (sign == "<=") return value <= limit;
    if (sign == ">") return value > limit;
    return value >= limit;
}

/// ["=", 5] or [">", 0, "<=", 5]
bool in_range(const Json& comparison, double value) {
    for (std::size_t at = 0; at + 1 < comparison.size(); at += 2) {
        if (!compare(value, comparison[at].get_ref<const std::string&>(), comparison[at + 1].get<double>()))
            return false;
    }
    return true;
}

bool value_matches(const Json& rule, const Json& value);

/// {"anything-but": "a"}, {"anything-but": ["a", "b"]} or {"anything-but": {"prefix": "a"}}
bool is_none_of(const Json& excluded, const Json& value) {
    if (!excluded.is_array()) return !value_matches(excluded, value);
    return std::none_of(excluded.begin(), excluded.end(),
                        [&](const Json& excluded_value) { return value_matches(excluded_value, value); });
}

/// Matches one rule of a list against one existing value.
bool value_matches(const Json& rule, const Json& value) {
    if (!rule.is_object()) return rule == value;
    const std::string& kind = rule.begin().key();
    const Json& operand = rule.begin().value();
    if (kind == "exists") return operand.get<bool>();
    if (kind == "anything-but") return is_none_of(operand, value);
    if (kind == "numeric") return value.is_number() && in_range(operand, value.get<double>());
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    const auto& part = operand.get_ref<const std::string&>();
    if (kind == "prefix") return text.starts_with(part);
    if (kind == "suffix") return text.ends_with(part);
    return base::equal_ignoring_case(text, part);
}

bool requires_absence(const Json& rule) { return rule.is_object() && rule == Json{{"exists", false}}; }

/// Matches a list of rules against a member. A list in the event matches if one of its values does.
bool rules_match(const Json& rules, const Json* value) {
    return std::any_of(rules.begin(), rules.end(), [&](const Json& rule) {
        if (value == nullptr) return requires_absence(rule);
        if (requires_absence(rule)) return false;
        if (!value->is_array()) return value_matches(rule, *value);
        return std::any_of(value->begin(), value->end(), [&](const Json& item) { return value_matches(rule, item); });
    });
}

bool member_matches(const std::string& name, const Json& expected, const Json& event) {
    if (name == alternatives)
        return std::any_of(expected.begin(), expected.end(),
                           [&](const Json& alternative) { return matches_pattern(alternative, event); });
    const Json* value = event.is_object() && event.contains(name) ? &event[name] : nullptr;
    if (expected.is_array()) return rules_match(expected, value);
    // The members of an absent object are also absent.
    return matches_pattern(expected, value == nullptr ? Json::object() : *value);
}

bool is_numeric(const Json& comparison) {
    constexpr std::array signs{std::string_view("="), std::string_view("<"), std::string_view("<="),
                               std::string_view(">"), std::string_view(">=")};
    if (!comparison.is_array() || (comparison.size() != 2 && comparison.size() != 4)) return false;
    for (std::size_t at = 0; at < comparison.size(); at += 2) {
        if (!comparison[at].is_string() || !comparison[at + 1].is_number()) return false;
        if (std::find(signs.begin(), signs.end(), comparison[at].get_ref<const std::string&>()) == signs.end())
            return false;
    }
    return true;
}

std::optional<std::string> rule_fault(const Json& rule) {
    if (rule.is_array()) return "a list must not contain a list";
    if (!rule.is_object()) return std::nullopt;
    if (rule.size() != 1) return "a rule must have exactly one member";
    const std::string& kind = rule.begin().key();
    const Json& operand = rule.begin().value();
    if (kind == "exists")
        return operand.is_boolean() ? std::nullopt : std::optional<std::string>("exists must be true or false");
    if (kind == "numeric")
        return is_numeric(operand) ? std::nullopt
                                   : std::optional<std::string>("numeric must be pairs of an operator and a number");
    if (kind == "prefix" || kind == "suffix" || kind == "equals-ignore-case")
        return operand.is_string() ? std::nullopt : std::optional(kind + " must be a string");
    if (kind != "anything-but") return "unknown rule " + kind;
    if (!operand.is_array()) return rule_fault(operand);
    for (const Json& item : operand) {
        if (auto fault = rule_fault(item)) return fault;
    }
    return std::nullopt;
}

std::optional<std::string> member_fault(const std::string& name, const Json& expected) {
    if (expected.is_object()) return pattern_fault(expected);
    if (!expected.is_array()) return fmt::format("{} must be a list or an object", name);
    if (expected.empty()) return fmt::format("{} must not be an empty list", name);
    for (const Json& item : expected) {
        if (auto fault = name == alternatives ? pattern_fault(item) : rule_fault(item)) return fault;
    }
    return std::nullopt;
}

}  // namespace

bool matches_pattern(const Json& pattern, const Json& event) {
    for (const auto& [name, expected] : pattern.items()) {
        if (!member_matches(name, expected, event)) return false;
    }
    return true;
}

std::optional<std::string> pattern_fault(const Json& pattern) {
    if (!pattern.is_object()) return "a pattern must be a JSON object";
    for (const auto& [name, expected] : pattern.items()) {
        if (auto fault = member_fault(name, expected)) return fault;
    }
    return std::nullopt;
}

Result<Event_Filter> Event_Filter::parse(const std::vector<std::string>& patterns) {
    Event_Filter filter;
    for (const std::string& text : patterns) {
        Json pattern = base::parse_json(text);
        if (auto fault = pattern_fault(pattern))
            return Error{"InvalidParameterValueException",
                         fmt::format("Invalid filter pattern definition. ({})", *fault)};
        filter.patterns_.push_back(std::move(pattern));
    }
    return filter;
}

bool Event_Filter::matches_message(std::string_view body) const {
    if (empty()) return true;
    const Json as_text{{"body", body}};
    Json parsed = base::parse_json(body);
    const Json as_json = parsed.is_discarded() ? as_text : Json{{"body", std::move(parsed)}};
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const Json& pattern) {
        const auto body_pattern = pattern.find("body");
        const bool matches_json = body_pattern != pattern.end() && body_pattern->is_object();
        return matches_pattern(pattern, matches_json ? as_json : as_text);
    });
}

}  // namespace osbot_aws::services

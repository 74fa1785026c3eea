#include "engine/lambda/event_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/json.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view alternatives = "$or";

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

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

bool value_fits(const Json& rule, const Json& value);

/// {"anything-but": "a"}, {"anything-but": ["a", "b"]} or {"anything-but": {"prefix": "a"}}
bool is_none_of(const Json& excluded, const Json& value) {
    if (!excluded.is_array()) return !value_fits(excluded, value);
    return std::none_of(excluded.begin(), excluded.end(), [&](const Json& one) { return value_fits(one, value); });
}

/// One rule of a list against one value that is there.
bool value_fits(const Json& rule, const Json& value) {
    if (!rule.is_object()) return rule == value;
    const std::string& kind = rule.begin().key();
    const Json& wanted = rule.begin().value();
    if (kind == "exists") return wanted.get<bool>();
    if (kind == "anything-but") return is_none_of(wanted, value);
    if (kind == "numeric") return value.is_number() && in_range(wanted, value.get<double>());
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    const auto& part = wanted.get_ref<const std::string&>();
    if (kind == "prefix") return text.starts_with(part);
    if (kind == "suffix") return text.ends_with(part);
    return equal_ignoring_case(text, part);
}

bool wants_absence(const Json& rule) { return rule.is_object() && rule == Json{{"exists", false}}; }

/// A list of rules against a member: a list in the event fits when one of its values does.
bool rules_fit(const Json& rules, const Json* value) {
    return std::any_of(rules.begin(), rules.end(), [&](const Json& rule) {
        if (value == nullptr) return wants_absence(rule);
        if (wants_absence(rule)) return false;
        if (!value->is_array()) return value_fits(rule, *value);
        return std::any_of(value->begin(), value->end(), [&](const Json& one) { return value_fits(rule, one); });
    });
}

bool member_fits(const std::string& name, const Json& wanted, const Json& event) {
    if (name == alternatives)
        return std::any_of(wanted.begin(), wanted.end(), [&](const Json& one) { return fits_pattern(one, event); });
    const Json* value = event.is_object() && event.contains(name) ? &event[name] : nullptr;
    if (wanted.is_array()) return rules_fit(wanted, value);
    return fits_pattern(wanted, value == nullptr ? Json::object() : *value);  // what is below is absent, too
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
    if (rule.is_array()) return "a list inside a list";
    if (!rule.is_object()) return std::nullopt;
    if (rule.size() != 1) return "a rule has exactly one member";
    const std::string& kind = rule.begin().key();
    const Json& wanted = rule.begin().value();
    if (kind == "exists")
        return wanted.is_boolean() ? std::nullopt : std::optional<std::string>("exists takes true or false");
    if (kind == "numeric")
        return is_numeric(wanted) ? std::nullopt
                                  : std::optional<std::string>("numeric takes pairs of a sign and a number");
    if (kind == "prefix" || kind == "suffix" || kind == "equals-ignore-case")
        return wanted.is_string() ? std::nullopt : std::optional(kind + " takes a text");
    if (kind != "anything-but") return "there is no rule " + kind;
    if (!wanted.is_array()) return rule_fault(wanted);
    for (const Json& one : wanted) {
        if (auto fault = rule_fault(one)) return fault;
    }
    return std::nullopt;
}

std::optional<std::string> member_fault(const std::string& name, const Json& wanted) {
    if (wanted.is_object()) return pattern_fault(wanted);
    if (!wanted.is_array()) return fmt::format("{} is neither a list nor an object", name);
    if (wanted.empty()) return fmt::format("{} is an empty list", name);
    for (const Json& one : wanted) {
        if (auto fault = name == alternatives ? pattern_fault(one) : rule_fault(one)) return fault;
    }
    return std::nullopt;
}

}  // namespace

bool fits_pattern(const Json& pattern, const Json& event) {
    for (const auto& [name, wanted] : pattern.items()) {
        if (!member_fits(name, wanted, event)) return false;
    }
    return true;
}

std::optional<std::string> pattern_fault(const Json& pattern) {
    if (!pattern.is_object()) return "a pattern is a JSON object";
    for (const auto& [name, wanted] : pattern.items()) {
        if (auto fault = member_fault(name, wanted)) return fault;
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

bool Event_Filter::fits_message(std::string_view body) const {
    if (empty()) return true;
    const Json as_text{{"body", body}};
    Json parsed = base::parse_json(body);
    const Json as_json = parsed.is_discarded() ? as_text : Json{{"body", std::move(parsed)}};
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const Json& pattern) {
        const auto wanted = pattern.find("body");
        const bool looks_into = wanted != pattern.end() && wanted->is_object();
        return fits_pattern(pattern, looks_into ? as_json : as_text);
    });
}

}  // namespace osbot_aws::engine

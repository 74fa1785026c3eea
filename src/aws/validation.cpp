#include "aws/validation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aws/exceptions.hpp"
#include "base/json.hpp"
#include "base/regex.hpp"

namespace osbot_aws::aws {
namespace {

/// Returns the length of a UTF-8 text in UTF-16 code units: AWS's services, which are written in Java, count these.
std::int64_t utf16_length(std::string_view text) {
    std::int64_t length = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) length += byte >= 0xF0 ? 2 : 1;
    }
    return length;
}

/// Compiles each pattern when it is first used. Patterns are text of the tables, so their address identifies them.
const base::Regex& compiled(const char* pattern) {
    static std::mutex mutex;
    static std::map<const char*, std::unique_ptr<const base::Regex>> all;
    const std::scoped_lock lock(mutex);
    auto& regex = all[pattern];
    if (!regex) regex = std::make_unique<base::Regex>(base::Regex::compile(pattern).value());
    return *regex;
}

bool satisfies_pattern(const Rule& rule, std::string_view text) {
    if (!compiled(rule.matched != nullptr ? rule.matched : rule.pattern).matches(text)) return false;
    return rule.excluded == nullptr || !compiled(rule.excluded).matches(text);
}

std::string first_lower(std::string_view name) {
    std::string text(name);
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

/// Returns a value as Java prints it: text, [a, b], {a=b}.
std::string printed(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    std::vector<std::string> items;
    if (value.is_array()) {
        for (const Json& item : value) items.push_back(printed(item));
        return fmt::format("[{}]", fmt::join(items, ", "));
    }
    if (!value.is_object()) return base::dump_json(value);
    for (const auto& [key, item] : value.items()) items.push_back(fmt::format("{}={}", key, printed(item)));
    return fmt::format("{{{}}}", fmt::join(items, ", "));
}

/// The constraints of one shape.
struct Constraints {
    const Service& service;
    const Shape& shape;
    const Rule* rule;
    std::span<const char* const> values;
    bool rejects_null = false;  ///< of an item of a list or map

    std::string_view measured() const {
        return shape.type == Type::integer || shape.type == Type::floating ? "value" : "length";
    }
    /// Returns a limit as Java prints it: 1, or 1.0 for a floating-point number.
    std::string limit(std::int64_t number) const {
        return std::to_string(number) + (shape.type == Type::floating ? ".0" : "");
    }
    std::string at_most() const {
        return fmt::format("Member must have {} less than or equal to {}", measured(), limit(rule->max));
    }
    std::string at_least() const {
        return fmt::format("Member must have {} greater than or equal to {}", measured(), limit(rule->min));
    }
    std::string of_pattern() const {
        return fmt::format("Member must satisfy regular expression pattern: {}", rule->pattern);
    }
    std::string of_values() const {
        return fmt::format("Member must satisfy enum value set: [{}]", fmt::join(values, ", "));
    }

    /// Returns the texts of all constraints, for the error of a list's or map's items.
    std::vector<std::string> all() const {
        std::vector<std::string> texts;
        if (rule != nullptr && rule->max != no_maximum) texts.push_back(at_most());
        if (rule != nullptr && rule->min != no_minimum) texts.push_back(at_least());
        if (rule != nullptr && rule->pattern != nullptr) texts.push_back(of_pattern());
        if (!values.empty()) texts.push_back(of_values());
        if (rejects_null) texts.emplace_back("Member must not be null");
        return texts;
    }

    /// Returns the texts of the constraints that a value violates.
    std::vector<std::string> violated_by(const Json& value) const {
        std::vector<std::string> texts;
        if (rule != nullptr && is_above(value)) texts.push_back(at_most());
        if (rule != nullptr && is_below(value)) texts.push_back(at_least());
        if (!value.is_string()) return texts;
        const auto& text = value.get_ref<const std::string&>();
        if (rule != nullptr && rule->pattern != nullptr && checks_pattern(service, shape) &&
            !satisfies_pattern(*rule, text))
            texts.push_back(of_pattern());
        if (!values.empty() && std::ranges::find(values, text) == values.end()) texts.push_back(of_values());
        return texts;
    }

private:
    bool is_above(const Json& value) const {
        if (rule->max == no_maximum) return false;
        if (value.is_number_float()) return value.get<double>() > static_cast<double>(rule->max);
        return measure_of(value) > rule->max;
    }
    bool is_below(const Json& value) const {
        if (rule->min == no_minimum) return false;
        if (value.is_number_float()) return value.get<double>() < static_cast<double>(rule->min);
        return measure_of(value) < rule->min;
    }

    std::int64_t measure_of(const Json& value) const {
        if (value.is_number_unsigned()) {  // a number above the range of int64 is above each maximum
            const auto number = value.get<std::uint64_t>();
            return static_cast<std::int64_t>(std::min<std::uint64_t>(number, no_maximum));
        }
        if (value.is_number_integer()) return value.get<std::int64_t>();
        if (!value.is_string()) return static_cast<std::int64_t>(value.size());
        const auto& text = value.get_ref<const std::string&>();
        return shape.type == Type::blob ? static_cast<std::int64_t>(text.size() / 4 * 3) : utf16_length(text);
    }
};

constexpr std::string_view not_null = "Member must not be null";

/// Collects the violations of a request.
class Validator {
public:
    explicit Validator(const Service& service) : service_(service) {}

    void check_structure(const Shape& shape, const Json& object, const std::string& path) {
        if (!has_exceptions(service_, shape)) {
            for (const Member& member : service_.members_of(shape)) check_member(member, nullptr, object, path);
            return;
        }
        for (const bool first : {true, false}) {
            for (const Member& member : service_.members_of(shape)) {
                const Exception* exception = find_exception(service_, shape, member);
                if ((exception != nullptr && exception->is_first) == first)
                    check_member(member, exception, object, path);
            }
        }
    }

    std::optional<Error> error(const Shape& input) const {
        if (violations_.empty()) return std::nullopt;
        return Error{std::string(code_of_violations(service_, input)),
                     fmt::format("{} validation error{} detected: {}", violations_.size(),
                                 violations_.size() == 1 ? "" : "s", fmt::join(violations_, "; "))};
    }

private:
    void check_member(const Member& member, const Exception* exception, const Json& object, const std::string& path) {
        const std::string at = path.empty() ? first_lower(member.name) : path + "." + first_lower(member.name);
        const auto value = object.find(member.name);
        if (value != object.end())
            check_value(service_.shape(member), constraints_of(member, exception), *value, at, exception);
        else if (exception != nullptr ? exception->is_required : member.has(required))
            add("null", at, not_null);
    }

    Constraints constraints_of(const Member& member, const Exception* exception = nullptr) const {
        const Shape& shape = service_.shape(member);
        if (exception != nullptr) return {service_, shape, &exception->rule, exception->values};
        if (const Shape_Exception* other = find_exception(service_, shape))
            return {service_, shape, &other->rule, other->values};
        const Rule* rule = service_.rule_of(shape);
        return {service_, shape, rule, rule == nullptr ? std::span<const char* const>() : service_.values_of(*rule)};
    }

    /// Returns the constraints of the items of a list, or of the values of a map, that has this exception.
    Constraints constraints_of_items(const Member& item, const Exception* exception) const {
        Constraints constraints = constraints_of(item);
        if (exception == nullptr) return constraints;
        if (!exception->values.empty()) constraints.values = exception->values;
        constraints.rejects_null = exception->rejects_null_items;
        return constraints;
    }

    void check_value(const Shape& shape, const Constraints& constraints, const Json& value, const std::string& path,
                     const Exception* exception = nullptr) {
        if (value.is_null()) return add("null", path, not_null);  // an item of a list
        for (const std::string& violated : constraints.violated_by(value)) add(quoted(value), path, violated);
        if (shape.type == Type::structure) check_structure(shape, value, path);
        if (shape.type == Type::list) check_list(shape, value, path, exception);
        if (shape.type == Type::map) check_map(shape, value, path, exception);
    }

    void check_list(const Shape& shape, const Json& list, const std::string& path, const Exception* exception) {
        const Member& item = service_.item_of(shape);
        const Shape& item_shape = service_.shape(item);
        if (is_container(item_shape)) {
            for (std::size_t i = 0; i < list.size(); ++i)
                check_value(item_shape, constraints_of(item), list[i], fmt::format("{}.{}.member", path, i + 1));
            return;
        }
        Constraints constraints = constraints_of_items(item, exception);
        if (const Shape_Exception* other = find_exception(service_, shape))
            constraints.rejects_null = constraints.rejects_null || other->rejects_null_items;
        const auto is_bad = [&](const Json& each) { return !constraints.violated_by(each).empty(); };
        const auto is_null = [](const Json& each) { return each.is_null(); };
        if (std::any_of(list.begin(), list.end(), is_null))
            constraints.rejects_null = true;
        else if (std::none_of(list.begin(), list.end(), is_bad))
            return;
        if (!constraints.values.empty() && !constraints.rejects_null)
            return add(quoted(list), path, constraints.of_values());
        add(quoted(list), path,
            fmt::format("Member must satisfy constraint: [{}]", fmt::join(constraints.all(), ", ")));
    }

    void check_map(const Shape& shape, const Json& map, const std::string& path, const Exception* exception) {
        const Member &key = service_.members_of(shape).front(), &item = service_.item_of(shape);
        Constraints of_keys = constraints_of(key);
        const Constraints of_values = constraints_of_items(item, exception);
        of_keys.rejects_null = of_values.rejects_null;
        bool bad_keys = false, bad_values = false;
        for (const auto& [name, value] : map.items()) {
            bad_keys = bad_keys || !of_keys.violated_by(name).empty();
            if (is_container(service_.shape(item)))
                check_value(service_.shape(item), of_values, value, fmt::format("{}.{}.member", path, name));
            else
                bad_values = bad_values || !of_values.violated_by(value).empty();
        }
        if (bad_keys)
            add(quoted(map), path,
                fmt::format("Map keys must satisfy constraint: [{}]", fmt::join(of_keys.all(), ", ")));
        if (bad_values)
            add(quoted(map), path,
                fmt::format("Map value must satisfy constraint: [{}]", fmt::join(of_values.all(), ", ")));
    }

    static bool is_container(const Shape& shape) {
        return shape.type == Type::structure || shape.type == Type::list || shape.type == Type::map;
    }

    static std::string quoted(const Json& value) { return fmt::format("'{}'", printed(value)); }

    void add(std::string_view value, std::string_view path, std::string_view constraint) {
        const std::string named = shows_values(service_) ? fmt::format("Value {}", value) : "Value";
        violations_.push_back(fmt::format("{} at '{}' failed to satisfy constraint: {}", named, path, constraint));
    }

    const Service& service_;
    std::vector<std::string> violations_;
};

/// The parsers skip null members and null values of maps, so null is an item of a list.
bool has_null(const Json& value) {
    return value.is_null() || (value.is_structured() && std::any_of(value.begin(), value.end(), &has_null));
}

/// Checks the required members in SQS's words, and the items of lists. SQS's model has no other constraints that AWS
/// checks by it.
std::optional<Error> invalid_in_sqs(const Service& service, const Shape& shape, const Json& input) {
    for (const auto& [name, value] : input.items())
        if (has_null(value))
            return Error{"SerializationException", fmt::format("null can not be converted to an item of {}", name)};
    for (const Member& member : service.members_of(shape)) {
        if (!member.has(required) || input.contains(member.name)) continue;
        if (find_exception(service, shape, member) != nullptr) continue;
        return Error{"MissingParameter", fmt::format("The request must contain the parameter {}.", member.name)};
    }
    return std::nullopt;
}

}  // namespace

namespace {

/// CloudWatch Logs checks the length of these names before all constraints.
/// Recorded: LocalStack, tests/aws/services/logs/test_logs_groups.snapshot.json,
/// test_create_log_group_invalid_name_length
std::optional<Error> invalid_in_logs(const Json& input) {
    constexpr std::size_t name_characters_max = 512;
    for (const char* member : {"logGroupName", "logStreamName"})
        if (const auto name = input.find(member); name != input.end() && name->is_string() &&
                                                  name->get_ref<const std::string&>().size() > name_characters_max)
            return Error{"InvalidParameterException",
                         "Invalid LogGroup or LogStream, both must have length less than or equal to 512."};
    return std::nullopt;
}

}  // namespace

std::optional<Error> validate(const Service& service, const Operation& operation, const Json& input) {
    if (operation.input == no_index || !checks_constraints(service)) return std::nullopt;
    if (std::string_view(service.name) == "logs")
        if (auto error = invalid_in_logs(input)) return error;
    if (std::string_view(service.name) == "sqs") return invalid_in_sqs(service, service.shape(operation.input), input);
    Validator validator(service);
    const Shape& shape = service.shape(operation.input);
    validator.check_structure(shape, input, "");
    return validator.error(shape);
}

}  // namespace osbot_aws::aws

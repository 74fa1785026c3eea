#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::services {

/// The condition keys of a request, by name in lower case, each with its values.
using Condition_Keys = std::map<std::string, std::vector<std::string>>;

/// The condition keys of a request: its own, and those that it shares with the other requests of a call.
struct Request_Keys {
    const Condition_Keys& own;
    const Condition_Keys* shared = nullptr;

    /// `name`: in lower case. Returns nullptr if the request does not have the key.
    const std::vector<std::string>* find(const std::string& name) const;
};

/// The result of a test. It is undecided if a text is too long, or if the statement is of an old record and invalid:
/// such a statement denies, but does not allow.
enum class Matched { no, yes, undecided };

constexpr Matched matched_if(bool matches) { return matches ? Matched::yes : Matched::no; }
constexpr Matched negated(Matched matched) {
    return matched == Matched::undecided ? matched : matched_if(matched == Matched::no);
}
/// Returns `yes` if a test of an item returns it, else `undecided` if a test returns that.
template <class Items, class Test>
Matched any_matches(const Items& items, const Test& test) {
    Matched result = Matched::no;
    for (const auto& item : items) {
        const Matched of_item = test(item);
        if (of_item == Matched::yes) return of_item;
        if (of_item == Matched::undecided) result = of_item;
    }
    return result;
}
template <class Items, class Test>
Matched all_match(const Items& items, const Test& test) {
    return negated(any_matches(items, [&](const auto& item) { return negated(test(item)); }));
}

/// A text with wildcards, * and ?, in which the values of variables are literal.
class Policy_Pattern {
public:
    bool matches(std::string_view text, bool ignores_case = false) const;
    /// Matches the six parts of an ARN one by one: a wildcard does not reach over a colon, except in the last.
    bool matches_arn(std::string_view arn) const;
    /// Returns the text with literal * and ?, for operators without wildcards.
    std::string literal() const;

    void add(std::string_view text);          ///< with wildcards
    void add_literal(std::string_view text);  ///< without
    void add(const Policy_Pattern& other) { units_ += other.units_; }
    std::size_t size() const { return units_.size(); }
    bool is_any() const;  ///< the pattern is "*"

private:
    std::u16string units_;  // bytes, and wildcards above them, so that no byte stands for a wildcard
};

/// A text of a policy, prepared once for all requests: a pattern, or patterns with variables between them.
class Policy_Text {
public:
    /// Variables exist since version 2012-10-17 of the policy language.
    explicit Policy_Text(std::string_view text, bool has_variables = true);

    /// Calls `test` with the pattern for a request. A text with a variable that has no value and no default matches
    /// nothing. Undecided for more than 32 KB, with the values of variables.
    template <class Test>
    Matched matches(const Request_Keys& keys, const Test& test) const {
        if (variables_.empty() && !is_too_long_) return matched_if(test(end_));
        Policy_Pattern pattern;
        const Matched expanded = expand(keys, pattern);
        return expanded == Matched::yes ? matched_if(test(pattern)) : expanded;
    }

    /// Returns the names of the variables.
    std::vector<std::string> variables() const;

private:
    /// A variable: ${name} or ${name, 'default'}.
    struct Variable {
        Policy_Pattern before;  ///< the text between the variable before and this one
        std::string name, key;  ///< `key`: the name in lower case
        std::optional<std::string> default_value;
    };
    static std::optional<Variable> take_variable(std::string_view& text);
    Matched expand(const Request_Keys& keys, Policy_Pattern& pattern) const;

    std::vector<Variable> variables_;
    Policy_Pattern end_;  // the text after the last variable
    bool is_too_long_ = false;
};

}  // namespace osbot_aws::services

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::services {

/// The condition keys of a request, by name in lower case, each with its values.
using Condition_Keys = std::map<std::string, std::vector<std::string>>;

/// A text of a policy with its wildcards, * and ?, and with the values of its variables, in which * and ? are literal.
class Policy_Pattern {
public:
    /// Returns nullopt if a variable has no value and no default: the text then matches nothing; so does a text of more
    /// than 4096 bytes, or with control characters that stand for wildcards. Variables exist since version 2012-10-17
    /// of the policy language.
    static std::optional<Policy_Pattern> expand(std::string_view text, const Condition_Keys& keys,
                                                bool has_variables = true);

    bool matches(std::string_view text, bool ignores_case = false) const;
    /// Matches the six parts of an ARN one by one: a wildcard does not reach over a colon, except in the last.
    bool matches_arn(std::string_view arn) const;
    /// Returns the text with literal * and ?, for operators without wildcards.
    std::string literal() const;

private:
    static Policy_Pattern of(std::string text);

    std::string text_;  // wildcards are control characters
};

/// Returns the names of the variables in a text.
std::vector<std::string> variables_in(std::string_view text);

}  // namespace osbot_aws::services

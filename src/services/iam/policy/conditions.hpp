#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "services/iam/policy/patterns.hpp"

namespace osbot_aws::services {

/// A condition operator without its prefix and suffix: ForAnyValue:StringLikeIfExists has the name StringLike.
struct Condition_Operator {
    enum class Set { one, any, all };

    std::string_view name;
    Set set = Set::one;
    bool if_exists = false;

    static Condition_Operator parse(std::string_view text);
    /// Returns true for an operator of the grammar.
    bool is_valid() const;
};

/// The conditions of a statement, prepared once for all requests.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
class Policy_Conditions {
public:
    Policy_Conditions() = default;
    /// `condition`: the value of the statement's Condition.
    Policy_Conditions(const Json& condition, bool has_variables);

    /// Returns `yes` if all conditions are met.
    Matched met(const Request_Keys& keys) const;
    /// Returns the keys that the conditions read, with those of their variables.
    std::set<std::string> read_keys() const;

private:
    struct Test;  ///< how an operator compares
    struct Condition {
        const Test* test;  ///< nullptr: the operator is unknown
        Condition_Operator::Set set;
        bool if_exists;
        std::string name, key;  ///< `key`: the name in lower case
        std::vector<Policy_Text> values;

        Matched met(const Request_Keys& keys) const;
    };
    static const Test* test_of(std::string_view name);
    friend struct Condition_Operator;

    std::vector<Condition> conditions_;
    bool is_valid_ = true;
};

}  // namespace osbot_aws::services

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::services {

// The grammar of policies, with IAM's messages of MalformedPolicyDocument.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

/// Checks a role's trust policy.
std::optional<Error> bad_trust_policy(const std::string& document);
/// Checks a permissions policy, managed or inline.
std::optional<Error> bad_identity_policy(const std::string& document);
/// Checks a session policy: its version may be missing or older.
std::optional<Error> bad_session_policy(const std::string& document);
/// Checks a resource's policy, as a simulation has it.
std::optional<Error> bad_resource_policy(const std::string& document);
/// Returns a value that is a text or a list of texts, as a list. Other values of old records are left out.
std::vector<std::string> policy_texts(const Json& value);
/// Returns the size that counts for quotas: without white space.
std::size_t policy_size(std::string_view document);

/// A condition operator without its prefix and suffix: ForAnyValue:StringLikeIfExists has the name StringLike.
struct Condition_Operator {
    enum class Set { one, any, all };

    std::string_view name;
    Set set = Set::one;
    bool if_exists = false;

    static Condition_Operator parse(std::string_view text);
};
/// Returns true for an operator of the grammar.
bool is_condition_operator(std::string_view name);

}  // namespace osbot_aws::services

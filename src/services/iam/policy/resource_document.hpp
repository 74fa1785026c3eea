#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::services {

/// The reason why a policy is not valid, in the words of AWS's services. They add a code, and some the detail.
struct Policy_Fault {
    std::string message;
    std::string detail = {};  ///< of an invalid principal: "AWS":"ann"
};

/// The rules of a service for the policies of its resources. A null function accepts all.
struct Resource_Policy_Rules {
    std::function<bool(const std::string&)> is_action = nullptr, is_resource = nullptr;
    bool needs_resource = true;   ///< each statement must have one
    bool needs_statement = true;  ///< the list of statements must not be empty
};

/// Checks the policy of a resource by the grammar. A statement that is not valid would silently never apply.
/// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. Messages of S3:
/// https://github.com/versity/versitygw, auth/bucket_policy.go; "Unknown field" and "Invalid policy syntax." as
/// reported by users of Terraform.
std::optional<Policy_Fault> fault_in_policy(std::string_view document, const Resource_Policy_Rules& rules);

/// Checks the names and the operators of a statement's Condition.
std::optional<Policy_Fault> fault_in_condition(const Json& condition);
/// Checks the value of a statement's Principal or NotPrincipal.
std::optional<Policy_Fault> fault_in_principal(const Json& principal);

}  // namespace osbot_aws::services

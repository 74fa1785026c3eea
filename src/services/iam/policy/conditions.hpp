#pragma once

#include <set>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "services/iam/policy/patterns.hpp"

namespace osbot_aws::services {

/// Returns true if all conditions of a statement are met. `condition`: the value of its Condition, valid by the
/// grammar. Source:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
bool meets(const Json& condition, const Condition_Keys& keys, bool has_variables = true);

/// Returns the keys that a condition reads.
std::set<std::string> keys_of(const Json& condition);

}  // namespace osbot_aws::services

#pragma once

#include "services/iam/iam.hpp"
#include "services/iam/policy/evaluation.hpp"

namespace osbot_aws::services {

/// Returns the policies of a principal, inline and attached, and those of a user's groups.
Policies identity_policies(const Iam& iam, const Principal& principal);
/// Returns the permissions boundary of a principal, or nullopt.
std::optional<Policies> boundary_of(const Iam& iam, const Principal& principal);
/// Returns the condition keys that describe a caller: aws:username, aws:PrincipalArn, ...
Condition_Keys principal_keys(const Principal& principal);

}  // namespace osbot_aws::services

#pragma once

#include <osbot_aws/core/Json.hpp>

#include "services/iam/iam.hpp"

namespace osbot_aws::services {

// JSON records of roles and policies in the store. Fields that an older version did not write take their defaults.

Json record_of(const std::string& account_id, const Role& role);
Json record_of(const std::string& account_id, const Policy& policy);
Role role_from(const Json& record);
Policy policy_from(const Json& record);

/// Returns the AWS managed policies that functions commonly use, from aws_policies.json. Parsed on the first call.
const std::vector<Policy>& aws_managed_policies();

}  // namespace osbot_aws::services

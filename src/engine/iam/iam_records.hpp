#pragma once

#include <osbot_aws/core/Json.hpp>

#include "engine/iam/iam.hpp"

namespace osbot_aws::engine {

// How roles and policies are kept in the store. What an older version has not written takes its default.

Json record_of(const std::string& account_id, const Role& role);
Json record_of(const std::string& account_id, const Policy& policy);
Role role_from(const Json& record);
Policy policy_from(const Json& record);

/// AWS's managed policies that functions are commonly given, from aws_policies.json; read when first asked for.
const std::vector<Policy>& aws_managed_policies();

}  // namespace osbot_aws::engine

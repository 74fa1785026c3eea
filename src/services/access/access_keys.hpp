#pragma once

#include "services/access/access_rules.hpp"
#include "services/iam/caller.hpp"
#include "services/iam/policy/patterns.hpp"

namespace osbot_aws::services {

/// Returns the condition keys of each request: those of the caller and of the connection.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
Condition_Keys request_keys(const Access_State& state, const Caller& caller, const Principal* principal,
                            const Account& account, const wire::Request& request);

/// Adds the condition keys of the resource of an action: its tags.
void add_resource_keys(const Access_State& state, const Required_Action& required, Condition_Keys& keys);

/// Adds the condition keys of an operation: those of its service, and the tags of the request.
void add_operation_keys(const aws::Service& service, const aws::Operation& operation, const Access_Input& input,
                        Condition_Keys& keys);

}  // namespace osbot_aws::services

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "services/context.hpp"
#include "services/iam/policy/evaluation.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

// The callers of resources that have no policies of their own, so that the policy of the resource alone decides:
// services, everyone, and other accounts.

/// A service that acts for a resource: S3 for a bucket, Logs for a log group.
struct Service_Caller {
    std::string_view
        service;  ///< s3: its principals are s3.amazonaws.com and s3.us-east-1.amazonaws.com, in China also with .cn
    std::string source_arn;  ///< of the resource for which it acts
    Account source;          ///< of that resource
};

/// Returns true if the policies of a resource permit a service to perform an action on it.
/// Source:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn
bool permits_service(const Policies& policies, const Service_Caller& caller, base::Time now, const std::string& action,
                     const std::string& resource);
/// Returns true if they permit the root of an account.
bool permits_account(const Policies& policies, const Account& account, const std::string& action,
                     const std::string& resource);
/// Returns what they decide about an anonymous caller. `keys`: anonymous_keys() and those of the action.
Decision decision_for_everyone(const Policies& policies, Condition_Keys keys, const std::string& action,
                               const std::string& resource);

/// Returns the condition keys of each request at this time.
Condition_Keys time_keys(base::Time now);
/// Returns those of a request of a client: its time, its Region and its connection.
Condition_Keys connection_keys(base::Time now, const std::string& region, const wire::Request& request);
/// Returns those of an anonymous request.
Condition_Keys anonymous_keys(base::Time now, const std::string& region, const wire::Request& request);

/// Returns the principals that name an account: its id, its root and its canonical user.
Policy_Principals account_principals(std::string_view partition, const std::string& account);

/// Returns the policy with these statements; without one: none.
Policies policy_of_statements(const std::vector<Json>& statements);

}  // namespace osbot_aws::services

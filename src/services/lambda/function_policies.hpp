#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "services/iam/policy/resource_callers.hpp"
#include "services/lambda/function_registry.hpp"

namespace osbot_aws::services {

struct Add_Permission {
    std::string name, qualifier, statement_id, action, principal;
    std::string source_arn, source_account, event_source_token, principal_org_id, function_url_auth_type, revision_id;
    bool invoked_via_function_url = false;
};

/// Resource-based policies of functions:
/// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
class Function_Policies {
public:
    explicit Function_Policies(Function_Registry& registry) : registry_(registry) {}

    /// Returns the added statement.
    Result<Json> add(const Account& account, const Add_Permission& request);
    Result<void> remove(const Account& account, std::string_view name, std::string_view statement_id,
                        std::string_view qualifier, std::string_view revision_id);
    struct Policy {
        std::string text;
        std::string revision_id;
    };
    Result<Policy> find(const Account& account, std::string_view name, std::string_view qualifier) const;
    /// Replaces the whole policy of the function, version or alias with this ARN. `revision_id`: of the policy that is
    /// replaced; empty: any.
    Result<Policy> put(const Account& account, std::string_view arn, const std::string& policy,
                       std::string_view revision_id);
    /// Removes the whole policy. Errors: ResourceNotFoundException if there is none.
    Result<void> clear(const Account& account, std::string_view arn, std::string_view revision_id);

private:
    /// The function of a policy, and the qualifier of the policy.
    struct Place {
        Function_Record& record;
        std::string qualifier;
    };
    Result<Place> place(const Account& account, std::string_view arn, std::string_view revision_id);

    Function_Registry& registry_;
};

/// Returns the policy of a version or an alias of a function; qualifier "": of the function.
Policies function_policy(const Function_Record& record, const std::string& qualifier);

/// Returns true if the policy of the qualifier permits a service to invoke the function.
bool allows_service(const Function_Record& record, const std::string& qualifier, const Service_Caller& caller,
                    base::Time now);

/// Returns what the policy of the qualifier permits to an anonymous caller of a function URL. `keys`: returns the
/// anonymous_keys() of the request, and is called if a condition reads them. AWS has required both permissions since
/// October 2025, except, for a year, in accounts that had URLs before:
/// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html Recorded in such an account:
/// lambda_/test_lambda.snapshot.json, TestLambdaURL, test_lambda_url_invocation
Public_Access public_access(const Function_Record& record, const std::string& qualifier,
                            const std::function<Condition_Keys()>& keys);

}  // namespace osbot_aws::services

#pragma once

#include <memory>

#include "services/access/access_rules.hpp"
#include "services/access/access_state.hpp"
#include "services/authorizer.hpp"
#include "services/iam/caller.hpp"
#include "services/iam/policy/evaluation.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

/// Decides by policies whether a caller may run an operation: those of the caller and its groups, its permissions
/// boundary, the policies of its session, and the policy of the resource. The root of an account may do all that the
/// policy of the resource does not deny. Loop thread only.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
class Authorization final : public Authorizer {
public:
    explicit Authorization(Access_State state) : state_(state) {}

    Result<void> authorize(const aws::Service& service, const aws::Operation& operation, Call& call) const override;
    /// Checks an action that is not an operation of a model, with condition keys of its own. Errors: as above.
    Result<void> authorize(const aws::Service& service, std::shared_ptr<const Caller> caller, const Account& account,
                           const wire::Request& request, const Required_Action& required, Condition_Keys keys) const;

    /// Returns true if the execution role of a function may perform an action on a resource. `account`: the function's.
    bool role_allows(const Account& account, const std::string& role_arn, const std::string& action,
                     const std::string& resource) const;

private:
    const Access_State state_;
};

}  // namespace osbot_aws::services

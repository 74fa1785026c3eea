#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/model.hpp"
#include "services/access/access_state.hpp"
#include "services/iam/caller.hpp"
#include "services/iam/policy/evaluation.hpp"

namespace osbot_aws::services {

/// The caller of a request, as policies see it.
struct Access_Subject {
    std::shared_ptr<const Caller> caller;
    const Principal* principal = nullptr;  ///< the user or role; nullptr: neither. Valid until IAM changes
    Policy_Set policies = {};              ///< without that of the resource
    Policy_Principals principals = {}, limited_principals = {}, account = {};  ///< as in Policy_Request
    Condition_Keys keys = {};                                                  ///< of a token
    bool is_by_token = false;  ///< the request has a token of an identity provider instead of a signature
};

/// Returns the subject of a call. Errors: InvalidIdentityToken, if a token is of a provider that the account lacks.
Result<Access_Subject> subject_of(const Access_State& state, const aws::Operation& operation, const Call& call);

/// Returns the subject of a caller.
Access_Subject subject_of(const Iam& iam, std::shared_ptr<const Caller> caller);

}  // namespace osbot_aws::services

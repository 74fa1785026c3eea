#pragma once

#include <optional>
#include <string>

#include "services/access/access_state.hpp"
#include "services/iam/policy/evaluation.hpp"

namespace osbot_aws::services {

/// The owner of a resource, and its policy.
struct Resource_Access {
    std::string account;  ///< "": the resource has none, so it is the caller's
    Policies policies;
    bool is_trust_policy = false;
};

/// Returns the owner and the policy of the resource of an action: a bucket or its object, a queue, a function, or a
/// role that is assumed.
Resource_Access access_of_resource(const Access_State& state, std::string_view action, const std::string& arn);

}  // namespace osbot_aws::services

#pragma once

#include "services/iam/caller.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

/// Returns the user that the input names, or else the caller. Errors: NoSuchEntity; ValidationError, if the caller is
/// not a user.
inline Result<User*> user_of_call(Iam& iam, const Call& call) {
    if (const auto name = call.fields().text("UserName")) return iam.find<User>(call.account, *name);
    OSBOT_TRY(const auto caller, caller_of(iam, call));
    if (caller.kind != Caller::Kind::user)
        return Error{"ValidationError", "Must specify userName when calling with non-User credentials", 400};
    return iam.find<User>(scope_of(caller), caller.name);
}

}  // namespace osbot_aws::services

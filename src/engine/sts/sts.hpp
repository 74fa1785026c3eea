#pragma once

#include <string>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "engine/iam/iam.hpp"

namespace osbot_aws::engine {

struct Caller_Identity {
    std::string user_id, account, arn;
};

struct Assumed_Role {
    std::string access_key_id, secret_access_key, session_token;
    std::string expires_at;  ///< ISO 8601
    std::string arn, id;     ///< of the session: arn:aws:sts::<account>:assumed-role/<role>/<session>
};

/// STS: who is asking, and credentials of a role. Loop thread only; keeps nothing.
/// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
class Sts {
public:
    Sts(Context& context, const Iam& iam) : context_(context), iam_(iam) {}

    Caller_Identity caller(const Account& account) const;
    /// Credentials that the engine takes for the role's account: the session token carries it.
    /// Errors: AccessDenied (no such role, as on AWS), ValidationError.
    Result<Assumed_Role> assume(const Account& account, const std::string& role_arn, const std::string& session,
                                int duration_s = 3600) const;

private:
    Context& context_;
    const Iam& iam_;
};

}  // namespace osbot_aws::engine

#include "engine/sts/sts.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::engine {

Caller_Identity Sts::caller(const Account& account) const {
    return {.user_id = account.id, .account = account.id, .arn = fmt::format("arn:aws:iam::{}:root", account.id)};
}

Result<Assumed_Role> Sts::assume(const Account& account, const std::string& role_arn, const std::string& session,
                                 int duration_s) const {
    if (session.size() < 2 || session.size() > 64) {
        return Error{"ValidationError",
                     fmt::format("1 validation error detected: Value '{}' at 'roleSessionName' failed to satisfy "
                                 "constraint: Member must have length between 2 and 64",
                                 session)};
    }
    const auto* role = iam_.role_by_arn(role_arn);
    if (!role) {
        return Error{"AccessDenied",
                     fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
                                 caller(account).arn, role_arn),
                     403};
    }
    if (duration_s < 900 || duration_s > role->session_s_max) {
        return Error{"ValidationError",
                     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."};
    }
    const auto owner = role_arn.substr(role_arn.find("::") + 2, 12);
    return Assumed_Role{
        // The engine reads an access key of 12 digits as an account, so these credentials are in the role's account.
        .access_key_id = owner,
        .secret_access_key = context_.keys.secret_of(owner),
        .session_token = base::base64_encode(fmt::format("{}:{}", role_arn, base::random_hex(32))),
        .expires_at = base::iso8601_z(context_.now() + std::chrono::seconds{duration_s}),
        .arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", owner, role->name, session),
        .id = fmt::format("{}:{}", role->id, session)};
}

}  // namespace osbot_aws::engine

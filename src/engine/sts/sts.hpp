#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "engine/iam/iam.hpp"
#include "engine/sts/session_token.hpp"

namespace osbot_aws::engine {

struct Caller_Identity {
    std::string user_id, account, arn;
    bool is_session = false;  ///< of an assumed role
};

struct Session_Credentials {
    std::string access_key_id, secret_access_key, session_token;
    std::string expires_at;  ///< ISO 8601
};

struct Assume_Role {
    std::string role_arn, session;
    int duration_s = 3600;
};

struct Assumed_Role : Session_Credentials {
    std::string arn, id;  ///< of the session: arn:aws:sts::<account>:assumed-role/<role>/<session>
};

struct Web_Identity_Role : Assumed_Role {
    std::string subject, audience, provider;  ///< of the token
};

/// STS: who is asking, and credentials of a role. Loop thread only; keeps nothing.
///
/// As any key is taken (SECURITY.md), trust policies are not evaluated: who asks for a role that there is gets it.
/// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
class Sts {
public:
    Sts(Context& context, Iam& iam) : context_(context), iam_(iam) {}

    /// `session_token`: as it came with the request. Errors: ExpiredToken.
    Result<Caller_Identity> caller(const Account& account, std::string_view session_token = {}) const;
    /// Credentials that the engine takes for the role's account.
    /// Errors: AccessDenied (no such role, as on AWS), ValidationError, ExpiredToken.
    Result<Assumed_Role> assume(const Account& account, const Assume_Role& wanted, std::string_view session_token = {});
    /// With a token of OpenID Connect, whose signature is not verified: its issuer can't be asked from here.
    /// Errors: InvalidIdentityToken, ExpiredTokenException, too.
    Result<Web_Identity_Role> assume_with_web_identity(const Account& account, const Assume_Role& wanted,
                                                       const std::string& token);
    /// Errors: AccessDenied (with the credentials of a session), ValidationError, ExpiredToken.
    Result<Session_Credentials> session_token(const Account& account, std::optional<int> duration_s,
                                              std::string_view session_token = {}) const;
    /// The account of an access key. Errors: ValidationError.
    Result<std::string> account_of_key(const std::string& access_key_id) const;

private:
    Result<Assumed_Role> assume_as(const Caller_Identity& caller, const Account& account, const Assume_Role& wanted);
    Session_Credentials credentials(const std::string& account_id, const Session_Identity& identity) const;

    Context& context_;
    Iam& iam_;
};

}  // namespace osbot_aws::engine

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/context.hpp"
#include "services/iam/iam.hpp"
#include "services/sts/session_token.hpp"

namespace osbot_aws::services {

struct Caller_Identity {
    std::string user_id, account, arn;
    bool is_session = false;  ///< the caller uses an assumed role
};

struct Session_Credentials {
    std::string access_key_id, secret_access_key, session_token;
    std::string expires_at;  ///< ISO 8601
};

struct Assume_Role {
    std::string role_arn, session;
    int duration_s = 3600;
    std::string policy = {};                    ///< a session policy; empty: none
    std::vector<std::string> policy_arns = {};  ///< managed session policies
    Tags tags = {};
    std::vector<std::string> transitive_tag_keys = {};
    std::string external_id = {};
    std::size_t token_bytes_min = 0;
};

struct Assumed_Role : Session_Credentials {
    std::string arn, id;     ///< of the session: arn:aws:sts::<account>:assumed-role/<role>/<session>
    int packed_percent = 0;  ///< of the limit of session policies and tags
};

struct Web_Identity_Role : Assumed_Role {
    std::string subject, audience, provider;  ///< of the token
};

/// STS: the identity of the caller, and credentials for roles. Loop thread only; stores nothing.
///
/// Any access key is accepted (SECURITY.md), so trust policies are not evaluated: any caller may assume any role. Only
/// their conditions on sts:ExternalId count.
/// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
class Sts {
public:
    Sts(Context& context, Iam& iam) : context_(context), iam_(iam) {}

    /// Returns the identity of the caller. `session_token` is the one in the request. Errors: ExpiredToken.
    Result<Caller_Identity> caller(const Account& account, std::string_view session_token = {}) const;
    /// Returns credentials that the engine accepts for the role's account.
    /// Errors: AccessDenied (no such role, as on AWS), ValidationError, ExpiredToken, MalformedPolicyDocument,
    /// PackedPolicyTooLarge, InvalidParameterValue (tags).
    Result<Assumed_Role> assume(const Account& account, const Assume_Role& request,
                                std::string_view session_token = {});
    /// Assumes a role with an OpenID Connect token. Its signature is not verified, because that needs the issuer.
    /// Errors: those of assume(), InvalidIdentityToken, ExpiredTokenException.
    Result<Web_Identity_Role> assume_with_web_identity(const Account& account, const Assume_Role& request,
                                                       const std::string& token);
    /// Returns temporary credentials of the account.
    /// Errors: AccessDenied (if the caller uses an assumed role), ValidationError, ExpiredToken.
    Result<Session_Credentials> session_token(const Account& account, std::optional<int> duration_s,
                                              std::string_view session_token = {},
                                              std::size_t token_bytes_min = 0) const;
    /// Returns the account of an access key. Errors: ValidationError.
    Result<std::string> account_of_key(const std::string& access_key_id) const;

private:
    Result<Assumed_Role> assume_as(const Caller_Identity& caller, const Account& account, const Assume_Role& request);
    /// Checks the session policies and tags. Returns their part of the limit, in percent.
    Result<int> check_session(const Account& account, const Assume_Role& request) const;
    Session_Credentials credentials(const std::string& account_id, const Session_Identity& identity,
                                    std::size_t token_bytes_min) const;

    Context& context_;
    Iam& iam_;
};

}  // namespace osbot_aws::services

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/context.hpp"
#include "services/iam/caller.hpp"
#include "services/iam/iam.hpp"
#include "services/sts/session_token.hpp"

namespace osbot_aws::services {

struct Session_Credentials {
    std::string access_key_id, secret_access_key, session_token;
    std::string expires_at;  ///< ISO 8601
};

/// The policies and tags of a session, which limit it.
struct Session_Limits {
    std::string policy = {};                    ///< a session policy; empty: none
    std::vector<std::string> policy_arns = {};  ///< managed session policies
    Tags tags = {};
    std::vector<std::string> transitive_tag_keys = {};
    std::size_t token_bytes_min = 0;
};

struct Assume_Role {
    std::string role_arn, session;
    int duration_s = 3600;
    Session_Limits limits = {};
    std::string external_id = {}, source_identity = {};
};

struct Assumed_Role : Session_Credentials {
    std::string arn, id;     ///< of the session: arn:aws:sts::<account>:assumed-role/<role>/<session>
    int packed_percent = 0;  ///< of the limit of session policies and tags
    std::string source_identity = {};
};

struct Web_Identity_Role : Assumed_Role {
    std::string subject, audience, provider;  ///< of the token
};

/// The content of a SAML assertion.
struct Saml_Assertion {
    std::string subject, subject_type, issuer, recipient, session, source_identity;
    std::optional<int> duration_s;
};

struct Federated_User : Session_Credentials {
    std::string arn, id;
    int packed_percent = 0;
};

/// STS: the identity of the caller, and temporary credentials. Loop thread only; stores nothing.
///
/// Trust policies are not evaluated unless the engine enforces policies: any caller may assume any role. Only their
/// conditions on sts:ExternalId count.
/// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
class Sts {
public:
    Sts(Context& context, Iam& iam) : context_(context), iam_(iam) {}

    /// Returns credentials that the engine accepts for the role's account.
    /// Errors: AccessDenied (no such role, as on AWS), ValidationError, MalformedPolicyDocument, PackedPolicyTooLarge,
    /// InvalidParameterValue (tags).
    Result<Assumed_Role> assume(const Caller& caller, const Account& account, const Assume_Role& request);
    /// Assumes a role with an OpenID Connect token. Its signature is not verified, because that needs the issuer.
    /// Errors: those of assume(), InvalidIdentityToken, ExpiredTokenException.
    Result<Web_Identity_Role> assume_with_web_identity(const Account& account, const Assume_Role& request,
                                                       const std::string& token);
    /// Assumes a role with a SAML assertion, whose signature is not verified. Errors: as above.
    Result<Assumed_Role> assume_with_saml(const Account& account, Assume_Role request, const Saml_Assertion& assertion,
                                          const std::string& provider_arn);
    /// Returns temporary credentials of the caller. Errors: AccessDenied (if the caller uses temporary ones).
    Result<Session_Credentials> session_token(const Caller& caller, std::optional<int> duration_s,
                                              std::size_t token_bytes_min) const;
    /// Errors: AccessDenied (if the caller uses temporary credentials), and those of the limits.
    Result<Federated_User> federation_token(const Caller& caller, const Account& account, const std::string& name,
                                            std::optional<int> duration_s, const Session_Limits& limits) const;
    /// Returns credentials of an account's root for one task.
    Session_Credentials root_session(const std::string& account_id, const std::string& task_policy_arn, int duration_s,
                                     std::size_t token_bytes_min) const;
    /// Returns credentials of the caller's session with a further session policy.
    Result<Session_Credentials> scoped(const Caller& caller, const std::string& policy, std::optional<int> duration_s,
                                       std::size_t token_bytes_min) const;
    /// Returns the account of an access key. Errors: ValidationError.
    Result<std::string> account_of_key(const std::string& access_key_id) const;

    Iam& iam() const { return iam_; }

private:
    /// Checks the session policies and tags. Returns their part of the limit, in percent.
    Result<int> check_limits(const Account& account, const Session_Limits& limits) const;
    Session_Credentials credentials(Session_Identity identity, std::size_t token_bytes_min) const;
    base::Time after(int seconds) const { return context_.now() + std::chrono::seconds{seconds}; }

    Context& context_;
    Iam& iam_;
};

/// Reads the claims of an OpenID Connect token, which has an issuer and a subject. Errors: InvalidIdentityToken.
Result<Json> web_identity_claims(const std::string& token);

/// Reads a SAML assertion in base64. Errors: InvalidIdentityToken.
Result<Saml_Assertion> read_saml_assertion(const std::string& base64);

}  // namespace osbot_aws::services

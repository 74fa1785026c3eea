#include "services/sts/sts_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/characters.hpp"
#include "services/iam/caller.hpp"
#include "wire/account_id.hpp"

namespace osbot_aws::services {
namespace {

constexpr int role_session_s = 3600;  // the default of AssumeRole
constexpr std::size_t token_bytes_max = 4096;

/// Returns AWS's error for an MFA device that the caller does not have. The codes of its devices are not verified.
std::optional<Error> bad_mfa(const Sts& sts, const Caller& caller, const Call& call) {
    const auto serial = call.fields().text("SerialNumber");
    if (!serial && !call.fields().has("TokenCode")) return std::nullopt;
    const auto* device = serial ? sts.iam().all<Mfa_Device>().find(scope_of(caller), *serial) : nullptr;
    if (device != nullptr && device->user_id == caller.user_id && call.fields().has("TokenCode")) return std::nullopt;
    return Error{"AccessDenied",
                 "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number "
                 "is valid and associated with this user.",
                 403};
}

Result<Caller> caller_of(const Sts& sts, const Call& call) { return services::caller_of(sts.iam(), call); }

std::size_t token_bytes_min(const Call& call) {
    return static_cast<std::size_t>(call.fields().integer("MinimumSessionTokenSize").value_or(0));
}

Json session_json(const Session_Credentials& credentials) {
    const std::size_t size = credentials.session_token.size();
    return {{"Credentials",
             {{"AccessKeyId", credentials.access_key_id},
              {"SecretAccessKey", credentials.secret_access_key},
              {"SessionToken", credentials.session_token},
              {"Expiration", credentials.expires_at}}},
            {"SessionTokenSize", size},
            {"SessionTokenUtilization", std::min<std::size_t>(size * 100 / token_bytes_max, 100)}};
}

Json assumed_json(const Assumed_Role& assumed) {
    Json json = session_json(assumed);
    json["AssumedRoleUser"] = {{"AssumedRoleId", assumed.id}, {"Arn", assumed.arn}};
    if (assumed.packed_percent > 0) json["PackedPolicySize"] = assumed.packed_percent;
    if (!assumed.source_identity.empty()) json["SourceIdentity"] = assumed.source_identity;
    return json;
}

std::vector<std::string> policy_arns(const aws::Fields& fields) {
    std::vector<std::string> arns;
    for (const Json& policy : fields.list("PolicyArns")) arns.push_back(aws::Fields(policy).text_or("arn"));
    return arns;
}

Session_Limits limits_of(const Call& call) {
    const auto fields = call.fields();
    return {.policy = fields.text_or("Policy"),
            .policy_arns = policy_arns(fields),
            .tags = fields.pairs("Tags"),
            .transitive_tag_keys = fields.texts("TransitiveTagKeys"),
            .token_bytes_min = token_bytes_min(call)};
}

Assume_Role role_of(const Call& call) {
    const auto fields = call.fields();
    return {.role_arn = fields.text_or("RoleArn"),
            .session = fields.text_or("RoleSessionName"),
            .duration_s = fields.integer("DurationSeconds").value_or(role_session_s),
            .limits = limits_of(call),
            .external_id = fields.text_or("ExternalId"),
            .source_identity = fields.text_or("SourceIdentity")};
}

Result<Json> assume_role(Sts& sts, const Call& call) {
    OSBOT_TRY(const auto caller, caller_of(sts, call));
    if (auto error = bad_mfa(sts, caller, call)) return *error;
    OSBOT_TRY(const auto assumed, sts.assume(caller, call.account, role_of(call)));
    return assumed_json(assumed);
}

Result<Json> assume_role_with_web_identity(Sts& sts, const Call& call) {
    const std::string token = call.fields().text_or("WebIdentityToken");
    OSBOT_TRY(const auto assumed, sts.assume_with_web_identity(call.account, role_of(call), token));
    Json output = assumed_json(assumed);
    output["SubjectFromWebIdentityToken"] = assumed.subject;
    output["Audience"] = assumed.audience;
    output["Provider"] = assumed.provider;
    return output;
}

Result<Json> assume_role_with_saml(Sts& sts, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto assertion, read_saml_assertion(fields.text_or("SAMLAssertion")));
    OSBOT_TRY(const auto assumed,
              sts.assume_with_saml(call.account, role_of(call), assertion, fields.text_or("PrincipalArn")));
    Json output = assumed_json(assumed);
    output["Subject"] = assertion.subject;
    output["SubjectType"] = assertion.subject_type;
    output["Issuer"] = assertion.issuer;
    output["Audience"] = assertion.recipient;
    return output;
}

Result<Json> get_caller_identity(Sts& sts, const Call& call) {
    return caller_of(sts, call).transform([](const Caller& caller) {
        return Json{{"UserId", caller.user_id}, {"Account", caller.account}, {"Arn", caller.arn}};
    });
}

Result<Json> get_session_token(Sts& sts, const Call& call) {
    OSBOT_TRY(const auto caller, caller_of(sts, call));
    if (auto error = bad_mfa(sts, caller, call)) return *error;
    return sts.session_token(caller, call.fields().integer("DurationSeconds"), token_bytes_min(call))
        .transform(session_json);
}

Result<Json> get_federation_token(Sts& sts, const Call& call) {
    OSBOT_TRY(const auto caller, caller_of(sts, call));
    OSBOT_TRY(const auto user, sts.federation_token(caller, call.account, call.fields().text_or("Name"),
                                                    call.fields().integer("DurationSeconds"), limits_of(call)));
    Json output = session_json(user);
    output["FederatedUser"] = {{"FederatedUserId", user.id}, {"Arn", user.arn}};
    output["PackedPolicySize"] = user.packed_percent;
    return output;
}

// Source: API_AssumeRoot
constexpr std::array root_tasks{"IAMAuditRootUserCredentials", "IAMCreateRootUserPassword",
                                "IAMDeleteRootUserCredentials", "S3UnlockBucketPolicy", "SQSUnlockQueuePolicy"};

/// The engine has no organizations: each account may assume the root of another.
Result<Json> assume_root(Sts& sts, const Call& call) {
    constexpr int duration_s_max = 900;
    OSBOT_TRY(caller_of(sts, call));
    const std::string target = call.fields().text_or("TargetPrincipal");
    const std::string task = aws::Fields(call.fields().object("TaskPolicyArn")).text_or("arn");
    const std::string prefix = wire::Arn{call.account.partition(), "iam", "", "aws", "policy/root-task/"}.text();
    std::string_view name = task;
    if (!base::take_prefix(name, prefix) || std::ranges::find(root_tasks, name) == root_tasks.end())
        return Error{"ValidationError", fmt::format("{} is not a task policy", task), 400};
    const auto root = wire::Arn::parse(target);
    const std::string_view account = root ? root->account : std::string_view(target);
    if (!wire::is_account_id(account))
        return Error{"ValidationError", fmt::format("{} is not an account or its root", target), 400};
    const int duration_s = call.fields().integer("DurationSeconds").value_or(duration_s_max);
    return session_json(sts.root_session(std::string(account), task, duration_s, token_bytes_min(call)));
}

Result<Json> get_scoped_credentials(Sts& sts, const Call& call) {
    OSBOT_TRY(const auto caller, caller_of(sts, call));
    OSBOT_TRY(const auto credentials, sts.scoped(caller, call.fields().text_or("Policy"),
                                                 call.fields().integer("DurationSeconds"), token_bytes_min(call)));
    Json output = session_json(credentials);
    output["SessionInfo"] = {{"ScopedSessionId", caller.user_id}, {"Arn", caller.arn}};
    output["ScopedPoliciesCount"] = caller.session->policies_above.size() + (call.fields().has("Policy") ? 1U : 0U);
    if (!caller.session->source_identity.empty()) output["SourceIdentity"] = caller.session->source_identity;
    return output;
}

Result<Json> get_access_key_info(Sts& sts, const Call& call) {
    OSBOT_TRY(const auto account, sts.account_of_key(call.fields().text_or("AccessKeyId")));
    return Json{{"Account", account}};
}

// ---- Messages and tokens that the engine does not issue ----

Result<Json> decode_authorization_message(Sts&, const Call&) {
    return Error{"InvalidAuthorizationMessageException",
                 "The engine returns no encoded messages: the message was not issued by it", 400};
}

Result<Json> get_delegated_access_token(Sts&, const Call&) {
    return Error{"ExpiredTradeInTokenException", "The engine issues no trade-in tokens: the token was not issued by it",
                 400};
}

/// Outbound federation is disabled in an account until EnableOutboundWebIdentityFederation, which the engine lacks.
Result<Json> get_web_identity_token(Sts&, const Call&) {
    return Error{"OutboundWebIdentityFederationDisabledException",
                 "Outbound web identity federation is not enabled for this account", 403};
}

}  // namespace

Operations sts_operations(Sts& sts) {
    Operations all{sts,
                   {{"AssumeRole", &assume_role},
                    {"AssumeRoleWithSAML", &assume_role_with_saml},
                    {"AssumeRoleWithWebIdentity", &assume_role_with_web_identity},
                    {"AssumeRoot", &assume_root},
                    {"DecodeAuthorizationMessage", &decode_authorization_message},
                    {"GetAccessKeyInfo", &get_access_key_info},
                    {"GetCallerIdentity", &get_caller_identity},
                    {"GetDelegatedAccessToken", &get_delegated_access_token},
                    {"GetFederationToken", &get_federation_token},
                    {"GetScopedCredentials", &get_scoped_credentials},
                    {"GetSessionToken", &get_session_token},
                    {"GetWebIdentityToken", &get_web_identity_token}}};
    all.reject({{"AssumeRole", "ProvidedContexts"},                      // of IAM Identity Center
                {"AssumeRoleWithWebIdentity", "ProviderId"},             // of access tokens, which are not JWTs
                {"GetScopedCredentials", "ScopedSessionDescription"}});  // only in CloudTrail's records
    return all;
}

}  // namespace osbot_aws::services

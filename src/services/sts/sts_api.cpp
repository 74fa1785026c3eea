#include "services/sts/sts_api.hpp"

#include <algorithm>

namespace osbot_aws::services {
namespace {

constexpr int role_session_s = 3600;  // the default of AssumeRole
constexpr std::size_t token_bytes_max = 4096;

/// Returns AWS's error for an MFA device that the account does not have: here it has none.
std::optional<Error> bad_mfa(const Call& call) {
    if (!call.fields().has("SerialNumber") && !call.fields().has("TokenCode")) return std::nullopt;
    return Error{"AccessDenied",
                 "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number "
                 "is valid and associated with this user.",
                 403};
}

std::size_t token_bytes_min(const Call& call) {
    return static_cast<std::size_t>(call.fields().integer("MinimumSessionTokenSize").value_or(0));
}

/// Returns the session token of the caller's credentials, in a header or in the query of a presigned request.
std::string session_token_of(const wire::Request& request) {
    if (const std::string* token = request.headers.find("X-Amz-Security-Token")) return *token;
    for (const std::string_view form : {request.query(), std::string_view(request.body.bytes())}) {
        if (auto token = wire::query_value(wire::parse_query(form), "X-Amz-Security-Token")) return std::move(*token);
    }
    return {};
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
    return json;
}

std::vector<std::string> policy_arns(const aws::Fields& fields) {
    std::vector<std::string> arns;
    for (const Json& policy : fields.list("PolicyArns")) arns.push_back(aws::Fields(policy).text_or("arn"));
    return arns;
}

Assume_Role role_of(const Call& call) {
    const auto fields = call.fields();
    return {.role_arn = fields.text_or("RoleArn"),
            .session = fields.text_or("RoleSessionName"),
            .duration_s = fields.integer("DurationSeconds").value_or(role_session_s),
            .policy = fields.text_or("Policy"),
            .policy_arns = policy_arns(fields),
            .tags = fields.pairs("Tags"),
            .transitive_tag_keys = fields.texts("TransitiveTagKeys"),
            .external_id = fields.text_or("ExternalId"),
            .token_bytes_min = token_bytes_min(call)};
}

Result<Json> assume_role(Sts& sts, const Call& call) {
    if (auto error = bad_mfa(call)) return *error;
    OSBOT_TRY(const auto assumed, sts.assume(call.account, role_of(call), session_token_of(call.request)));
    Json output = assumed_json(assumed);
    if (const auto identity = call.fields().text("SourceIdentity")) output["SourceIdentity"] = *identity;
    return output;
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

Result<Json> get_caller_identity(Sts& sts, const Call& call) {
    OSBOT_TRY(const auto caller, sts.caller(call.account, session_token_of(call.request)));
    return Json{{"UserId", caller.user_id}, {"Account", caller.account}, {"Arn", caller.arn}};
}

Result<Json> get_session_token(Sts& sts, const Call& call) {
    if (auto error = bad_mfa(call)) return *error;
    OSBOT_TRY(const auto credentials, sts.session_token(call.account, call.fields().integer("DurationSeconds"),
                                                        session_token_of(call.request), token_bytes_min(call)));
    return session_json(credentials);
}

Result<Json> get_access_key_info(Sts& sts, const Call& call) {
    OSBOT_TRY(const auto account, sts.account_of_key(call.fields().text_or("AccessKeyId")));
    return Json{{"Account", account}};
}

}  // namespace

Operations sts_operations(Sts& sts) {
    Operations all{sts,
                   {{"AssumeRole", &assume_role},
                    {"AssumeRoleWithWebIdentity", &assume_role_with_web_identity},
                    {"GetAccessKeyInfo", &get_access_key_info},
                    {"GetCallerIdentity", &get_caller_identity},
                    {"GetSessionToken", &get_session_token}}};
    all.reject({{"AssumeRole", "ProvidedContexts"},             // of IAM Identity Center
                {"AssumeRoleWithWebIdentity", "ProviderId"}});  // of access tokens, which are not JWTs
    return all;
}

}  // namespace osbot_aws::services

#include "services/sts/sts_api.hpp"

namespace osbot_aws::services {
namespace {

using services::Sts;

constexpr int role_session_s = 3600;  // the default of AssumeRole

/// Returns the session token of the caller's credentials, in a header or in the query of a presigned request.
std::string session_token_of(const wire::Request& request) {
    if (const std::string* token = request.headers.find("X-Amz-Security-Token")) return *token;
    for (const std::string_view form : {request.query(), std::string_view(request.body.bytes())}) {
        if (auto token = wire::query_value(wire::parse_query(form), "X-Amz-Security-Token")) return std::move(*token);
    }
    return {};
}

Json credentials_json(const services::Session_Credentials& credentials) {
    return {{"AccessKeyId", credentials.access_key_id},
            {"SecretAccessKey", credentials.secret_access_key},
            {"SessionToken", credentials.session_token},
            {"Expiration", credentials.expires_at}};
}

Json assumed_json(const services::Assumed_Role& assumed) {
    return {{"AssumedRoleUser", {{"AssumedRoleId", assumed.id}, {"Arn", assumed.arn}}},
            {"Credentials", credentials_json(assumed)}};
}

services::Assume_Role role_of(const Call& call) {
    const auto fields = call.fields();
    return {.role_arn = fields.text_or("RoleArn"),
            .session = fields.text_or("RoleSessionName"),
            .duration_s = fields.integer("DurationSeconds").value_or(role_session_s)};
}

Result<Json> assume_role(Sts& sts, const Call& call) {
    const auto assumed = sts.assume(call.account, role_of(call), session_token_of(call.request));
    if (!assumed) return assumed.error();
    Json output = assumed_json(*assumed);
    if (const auto identity = call.fields().text("SourceIdentity")) output["SourceIdentity"] = *identity;
    return output;
}

Result<Json> assume_role_with_web_identity(Sts& sts, const Call& call) {
    const auto assumed =
        sts.assume_with_web_identity(call.account, role_of(call), call.fields().text_or("WebIdentityToken"));
    if (!assumed) return assumed.error();
    Json output = assumed_json(*assumed);
    output["SubjectFromWebIdentityToken"] = assumed->subject;
    output["Audience"] = assumed->audience;
    output["Provider"] = assumed->provider;
    return output;
}

Result<Json> get_caller_identity(Sts& sts, const Call& call) {
    const auto caller = sts.caller(call.account, session_token_of(call.request));
    if (!caller) return caller.error();
    return Json{{"UserId", caller->user_id}, {"Account", caller->account}, {"Arn", caller->arn}};
}

Result<Json> get_session_token(Sts& sts, const Call& call) {
    const auto credentials =
        sts.session_token(call.account, call.fields().integer("DurationSeconds"), session_token_of(call.request));
    if (!credentials) return credentials.error();
    return Json{{"Credentials", credentials_json(*credentials)}};
}

Result<Json> get_access_key_info(Sts& sts, const Call& call) {
    const auto account = sts.account_of_key(call.fields().text_or("AccessKeyId"));
    if (!account) return account.error();
    return Json{{"Account", *account}};
}

}  // namespace

Operations sts_operations(Sts& sts) {
    return {sts,
            {{"AssumeRole", &assume_role},
             {"AssumeRoleWithWebIdentity", &assume_role_with_web_identity},
             {"GetAccessKeyInfo", &get_access_key_info},
             {"GetCallerIdentity", &get_caller_identity},
             {"GetSessionToken", &get_session_token}}};
}

}  // namespace osbot_aws::services

#include "services/sts/sts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

// API_AssumeRole.html, API_GetSessionToken.html
constexpr int chained_s_max = 3600;
constexpr int root_session_s_max = 3600;
constexpr std::size_t key_characters_min = 16;
constexpr std::size_t session_policies_max = 2048;

std::optional<Error> bad_role_arn(const std::string& arn) {
    if (arn.starts_with("arn:")) return std::nullopt;
    return Error{"ValidationError", fmt::format("{} is invalid", arn)};
}

/// Returns true if a statement of the trust policy has no condition on the external id, or has this one.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
bool accepts_external_id(const Role& role, const std::string& external_id) {
    const Json::json_pointer condition("/Condition/StringEquals/sts:ExternalId");
    const Json statements = base::parse_json(role.trust_policy).value("Statement", Json());
    const Json all = statements.is_array() ? statements : Json::array({statements});
    return std::any_of(all.begin(), all.end(), [&](const Json& each) {
        if (each.value("Effect", "") != "Allow" || !each.contains(condition))
            return each.value("Effect", "") == "Allow";
        const Json& ids = each[condition];
        return ids == external_id || (ids.is_array() && std::find(ids.begin(), ids.end(), external_id) != ids.end());
    });
}

// The messages are those of https://github.com/localstack/localstack, services/sts/provider.py.
std::optional<Error> bad_session_tags(const Assume_Role& request) {
    Tags tags;
    if (const auto added = add_iam_tags(tags, request.tags); !added)
        return Error{"InvalidParameterValue", added.error().message, 400};
    const auto is_requested = [&](const std::string& key) {
        return std::ranges::any_of(tags, [&](const auto& tag) { return base::equal_ignoring_case(tag.first, key); });
    };
    if (std::ranges::all_of(request.transitive_tag_keys, is_requested)) return std::nullopt;
    return Error{"InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.",
                 400};
}

/// Returns the account in the ARN of an existing role.
std::string account_of(const std::string& role_arn) { return role_arn.substr(role_arn.find("::") + 2, 12); }

Result<Json> claims_of(const std::string& token) {
    const Error invalid{
        "InvalidIdentityToken",
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)", 400};
    const auto first = token.find('.'), second = token.find('.', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) return invalid;
    auto payload = token.substr(first + 1, second - first - 1);
    std::ranges::replace(payload, '-', '+');
    std::ranges::replace(payload, '_', '/');
    payload.append((4 - payload.size() % 4) % 4, '=');
    const auto decoded = base::base64_decode(payload);
    const auto claims = decoded ? base::parse_json(*decoded) : Json();
    const auto has_text = [&](const char* name) { return claims.contains(name) && claims.at(name).is_string(); };
    if (!claims.is_object() || !has_text("iss") || !has_text("sub")) return invalid;
    return claims;
}

std::string audience_of(const Json& claims) {
    const auto audience = claims.value("aud", Json());
    if (audience.is_string()) return audience;
    return audience.is_array() && !audience.empty() && audience[0].is_string() ? audience[0].get<std::string>() : "";
}

}  // namespace

Result<Caller_Identity> Sts::caller(const Account& account, std::string_view session_token) const {
    const Caller_Identity root{
        .user_id = account.id, .account = account.id, .arn = fmt::format("arn:aws:iam::{}:root", account.id)};
    const auto identity = read_session_token(context_.keys, session_token);
    if (!identity) return root;
    if (identity->expires_at <= context_.now()) {
        return Error{"ExpiredToken", "The security token included in the request is expired", 403};
    }
    const auto* role = iam_.role_by_arn(identity->role_arn);
    if (!role) return root;
    const auto owner = account_of(role->arn);
    return Caller_Identity{
        .user_id = fmt::format("{}:{}", role->id, identity->session),
        .account = owner,
        .arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", owner, role->name, identity->session),
        .is_session = true};
}

Session_Credentials Sts::credentials(const std::string& account_id, const Session_Identity& identity,
                                     std::size_t token_bytes_min) const {
    std::string key = new_session_key(account_id);
    std::string secret = context_.keys.secret_of(key);
    return {.access_key_id = std::move(key),
            .secret_access_key = std::move(secret),
            .session_token = make_session_token(context_.keys, identity, token_bytes_min),
            .expires_at = base::iso8601_z(identity.expires_at)};
}

Result<Assumed_Role> Sts::assume(const Account& account, const Assume_Role& request, std::string_view session_token) {
    if (auto error = bad_role_arn(request.role_arn)) return *error;
    OSBOT_TRY(const auto caller, this->caller(account, session_token));
    return assume_as(caller, account, request);
}

// AWS compresses the policies and tags; the texts here are at least as large.
Result<int> Sts::check_session(const Account& account, const Assume_Role& request) const {
    if (auto error = bad_session_tags(request)) return *error;
    if (!request.policy.empty()) {
        if (auto error = bad_identity_policy(request.policy)) return *error;
    }
    std::size_t bytes = policy_size(request.policy);
    for (const std::string& arn : request.policy_arns) {
        OSBOT_TRY(iam_.policy(account, arn));
        bytes += arn.size();
    }
    for (const auto& [key, value] : request.tags) bytes += key.size() + value.size();
    const auto percent = (bytes * 100 + session_policies_max - 1) / session_policies_max;
    if (percent <= 100) return static_cast<int>(percent);
    return Error{"PackedPolicyTooLarge",
                 fmt::format("Packed policy consumes {}% of allotted space, please use smaller policy.", percent), 400};
}

Result<Assumed_Role> Sts::assume_as(const Caller_Identity& caller, const Account& account, const Assume_Role& request) {
    OSBOT_TRY(const auto packed_percent, check_session(account, request));
    const auto* role = iam_.role_by_arn(request.role_arn);
    if (!role || !accepts_external_id(*role, request.external_id)) {
        return Error{"AccessDenied",
                     fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}", caller.arn,
                                 request.role_arn),
                     403};
    }
    if (request.duration_s > role->session_s_max) {
        return Error{"ValidationError",
                     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."};
    }
    if (caller.is_session && request.duration_s > chained_s_max) {
        return Error{"ValidationError",
                     "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
                     "chaining."};
    }
    const auto owner = account_of(role->arn);
    const Session_Identity identity{.role_arn = role->arn,
                                    .session = request.session,
                                    .expires_at = context_.now() + std::chrono::seconds{request.duration_s}};
    Assumed_Role assumed{credentials(owner, identity, request.token_bytes_min),
                         fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", owner, role->name, request.session),
                         fmt::format("{}:{}", role->id, request.session), packed_percent};
    iam_.record_role_use(role->arn, account.region);
    return assumed;
}

Result<Web_Identity_Role> Sts::assume_with_web_identity(const Account& account, const Assume_Role& request,
                                                        const std::string& token) {
    if (auto error = bad_role_arn(request.role_arn)) return *error;
    OSBOT_TRY(const auto claims, claims_of(token));
    const auto expires = claims.value("exp", Json());
    const auto now_s = base::unix_ms(context_.now()) / 1000;
    if (expires.is_number() && expires.get<double>() <= static_cast<double>(now_s)) {
        return Error{"ExpiredTokenException",
                     fmt::format("Token expired: current date/time {} must be before the expiration date/time {}",
                                 now_s, base::dump_json(expires)),
                     400};
    }
    const std::string subject = claims.at("sub"), provider = claims.at("iss");
    OSBOT_TRY(auto assumed, assume_as({.user_id = subject, .account = account.id, .arn = subject}, account, request));
    return Web_Identity_Role{std::move(assumed), subject, audience_of(claims), provider};
}

Result<Session_Credentials> Sts::session_token(const Account& account, std::optional<int> duration_s,
                                               std::string_view session_token, std::size_t token_bytes_min) const {
    OSBOT_TRY(const auto caller, this->caller(account, session_token));
    if (caller.is_session) {
        return Error{"AccessDenied", "Cannot call GetSessionToken with session credentials", 403};
    }
    // The caller is the account's root user. AWS limits its sessions to one hour, whatever duration it requests.
    const auto duration = std::min(duration_s.value_or(root_session_s_max), root_session_s_max);
    return credentials(account.id,
                       {.role_arn = "", .session = "", .expires_at = context_.now() + std::chrono::seconds{duration}},
                       token_bytes_min);
}

Result<std::string> Sts::account_of_key(const std::string& access_key_id) const {
    if (auto account = services::account_of_key(access_key_id)) return *account;
    if (access_key_id.size() < key_characters_min) {
        return unsatisfied_iam(access_key_id, "accessKeyId", "Member must have length greater than or equal to 16");
    }
    return Account{}.id;
}

}  // namespace osbot_aws::services

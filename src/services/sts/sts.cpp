#include "services/sts/sts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "services/iam/iam_rules.hpp"
#include "services/iam/policy/document.hpp"

namespace osbot_aws::services {
namespace {

// API_AssumeRole.html, API_GetSessionToken.html, API_GetFederationToken.html
constexpr int chained_s_max = 3600;
constexpr int root_session_s_max = 3600;
constexpr int user_session_s = 43'200;
constexpr std::size_t key_characters_min = 16;
constexpr std::size_t session_policies_max = 2048;
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, PolicyArns
constexpr std::size_t session_policy_arns_max = 10;

/// Checks the form of an ARN: arn:partition:service:region:account:resource
std::optional<Error> bad_role_arn(const std::string& arn) {
    std::string_view remaining = arn;
    std::string_view parts[6];
    for (std::string_view& part : parts) {
        const auto colon = &part == &parts[5] ? std::string_view::npos : remaining.find(':');
        part = remaining.substr(0, colon);
        remaining = colon == std::string_view::npos ? std::string_view{} : remaining.substr(colon + 1);
    }
    if (parts[0] == "arn" && !parts[1].empty() && !parts[2].empty() && !parts[5].empty()) return std::nullopt;
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

Error invalid_tags(std::string message) { return {"InvalidParameterValue", std::move(message), 400}; }

bool has_key(const Tags& tags, const std::string& key) {
    return std::ranges::any_of(tags, [&](const auto& tag) { return base::equal_ignoring_case(tag.first, key); });
}

// Recorded on AWS: https://github.com/localstack/localstack, tests/aws/services/sts/test_sts.snapshot.json
std::optional<Error> bad_session_tags(const Session_Limits& limits) {
    Tags tags;
    if (const auto added = add_iam_tags(tags, limits.tags, false); !added) return invalid_tags(added.error().message);
    if (std::ranges::all_of(limits.transitive_tag_keys, [&](const auto& key) { return has_key(tags, key); }))
        return std::nullopt;
    return invalid_tags("The specified transitive tag key must be included in the requested tags.");
}

/// Returns the tags of a new session: a session of a role passes its transitive tags on.
Result<Tags> inherited_tags(const Caller& caller, const Session_Limits& limits) {
    Tags tags = limits.tags;
    if (!caller.session) return tags;
    for (const auto& [key, value] : caller.session->tags) {
        const auto& transitive = caller.session->transitive_keys;
        const auto is_same = [&key_ = key](const auto& each) { return base::equal_ignoring_case(each, key_); };
        if (std::ranges::none_of(transitive, is_same)) continue;
        if (has_key(limits.tags, key))
            return invalid_tags(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
                "from the calling session.");
        tags.emplace_back(key, value);
    }
    return tags;
}

std::vector<std::string> transitive_keys(const Caller& caller, const Session_Limits& limits) {
    auto keys = limits.transitive_tag_keys;
    if (caller.session)
        keys.insert(keys.end(), caller.session->transitive_keys.begin(), caller.session->transitive_keys.end());
    return keys;
}

std::string audience_of(const Json& claims) {
    const auto audience = claims.value("aud", Json());
    if (audience.is_string()) return audience;
    return audience.is_array() && !audience.empty() && audience[0].is_string() ? audience[0].get<std::string>() : "";
}

std::optional<Error> is_temporary(const Caller& caller, std::string_view operation) {
    if (!caller.session) return std::nullopt;
    return Error{"AccessDenied", fmt::format("Cannot call {} with session credentials", operation), 403};
}

Error no_access(const Caller& caller, std::string_view action, const std::string& resource) {
    return {"AccessDenied",
            fmt::format("User: {} is not authorized to perform: {} on resource: {}", caller.arn, action, resource),
            403};
}

}  // namespace

Result<Json> web_identity_claims(const std::string& token) {
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

Session_Credentials Sts::credentials(Session_Identity identity, std::size_t token_bytes_min) const {
    std::string key = identity.access_key_id = new_session_key(identity.account);
    std::string secret = context_.keys.secret_of(key);
    return {.access_key_id = std::move(key),
            .secret_access_key = std::move(secret),
            .session_token = make_session_token(context_.keys, identity, token_bytes_min),
            .expires_at = base::iso8601_z(identity.expires_at)};
}

// AWS compresses the policies and tags; the texts here are at least as large.
Result<int> Sts::check_limits(const Account& account, const Session_Limits& limits) const {
    if (auto error = bad_session_tags(limits)) return *error;
    if (!limits.policy.empty())
        if (auto error = bad_session_policy(limits.policy, account.partition())) return *error;
    if (limits.policy_arns.size() > session_policy_arns_max)
        return Error{"ValidationError",
                     fmt::format("1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
                                 "Member must have length less than or equal to {}",
                                 session_policy_arns_max),
                     400};
    std::size_t bytes = policy_size(limits.policy);
    for (const std::string& arn : limits.policy_arns) {
        if (iam_.policy(account, arn) == nullptr) return Iam::missing<Policy>(arn);
        bytes += arn.size();
    }
    for (const auto& [key, value] : limits.tags) bytes += key.size() + value.size();
    const auto percent = (bytes * 100 + session_policies_max - 1) / session_policies_max;
    if (percent <= 100) return static_cast<int>(percent);
    return Error{"PackedPolicyTooLarge",
                 fmt::format("Packed policy consumes {}% of allotted space, please use smaller policy.", percent), 400};
}

Result<Assumed_Role> Sts::assume(const Caller& caller, const Account& account, const Assume_Role& request) {
    if (auto error = bad_role_arn(request.role_arn)) return *error;
    OSBOT_TRY(const auto packed_percent, check_limits({account_in(request.role_arn), account.region}, request.limits));
    const auto* role = iam_.role_by_arn(request.role_arn);
    if (!role || !accepts_external_id(*role, request.external_id))
        return no_access(caller, "sts:AssumeRole", request.role_arn);
    if (request.duration_s > role->session_s_max)
        return Error{"ValidationError",
                     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."};
    if (caller.kind == Caller::Kind::role && request.duration_s > chained_s_max)
        return Error{"ValidationError",
                     "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
                     "chaining."};
    OSBOT_TRY(auto tags, inherited_tags(caller, request.limits));
    const std::string inherited = caller.session ? caller.session->source_identity : "";
    const std::string source_identity = inherited.empty() ? request.source_identity : inherited;
    if (!request.source_identity.empty() && request.source_identity != source_identity)
        return no_access(caller, "sts:SetSourceIdentity", request.role_arn);
    const Session_Identity identity{.kind = Session_Identity::Kind::role,
                                    .account = role->account,
                                    .principal_arn = role->arn,
                                    .session = request.session,
                                    .expires_at = after(request.duration_s),
                                    .policy = request.limits.policy,
                                    .policy_arns = request.limits.policy_arns,
                                    .tags = std::move(tags),
                                    .transitive_keys = transitive_keys(caller, request.limits),
                                    .source_identity = source_identity,
                                    .principal_id = role->id};
    Assumed_Role assumed{credentials(identity, request.limits.token_bytes_min),
                         session_arn(role->arn, fmt::format("assumed-role/{}/{}", role->name, request.session)),
                         fmt::format("{}:{}", role->id, request.session), packed_percent, source_identity};
    iam_.record_role_use(role->arn, account.region);
    return assumed;
}

Result<Web_Identity_Role> Sts::assume_with_web_identity(const Account& account, const Assume_Role& request,
                                                        const std::string& token) {
    if (auto error = bad_role_arn(request.role_arn)) return *error;
    OSBOT_TRY(const auto claims, web_identity_claims(token));
    const auto expires = claims.value("exp", Json());
    const auto now_s = base::unix_ms(context_.now()) / 1000;
    if (expires.is_number() && expires.get<double>() <= static_cast<double>(now_s)) {
        return Error{"ExpiredTokenException",
                     fmt::format("Token expired: current date/time {} must be before the expiration date/time {}",
                                 now_s, base::dump_json(expires)),
                     400};
    }
    const std::string subject = claims.at("sub"), provider = claims.at("iss");
    const Caller caller{
        .kind = Caller::Kind::federated, .account = account.id, .user_id = subject, .arn = subject, .name = subject};
    OSBOT_TRY(auto assumed, assume(caller, account, request));
    return Web_Identity_Role{std::move(assumed), subject, audience_of(claims), provider};
}

Result<Assumed_Role> Sts::assume_with_saml(const Account& account, Assume_Role request, const Saml_Assertion& assertion,
                                           const std::string& provider_arn) {
    if (iam_.all<Saml_Provider>().find(scope_in(provider_arn), provider_arn) == nullptr)
        return Error{"InvalidIdentityToken", "Specified provider doesn't exist", 400};
    constexpr int duration_s_min = 900, duration_s_max = 43'200;
    if (assertion.duration_s && (*assertion.duration_s < duration_s_min || *assertion.duration_s > duration_s_max))
        return Error{
            "InvalidIdentityToken",
            fmt::format("SessionDuration in AuthnResponse must be between {} and {}", duration_s_min, duration_s_max),
            400};
    request.session = assertion.session;
    request.source_identity = assertion.source_identity;
    if (assertion.duration_s) request.duration_s = std::min(request.duration_s, *assertion.duration_s);
    const Caller caller{.kind = Caller::Kind::federated,
                        .account = account.id,
                        .user_id = assertion.subject,
                        .arn = assertion.subject,
                        .name = assertion.subject};
    return assume(caller, account, request);
}

Result<Session_Credentials> Sts::session_token(const Caller& caller, std::optional<int> duration_s,
                                               std::size_t token_bytes_min) const {
    if (auto error = is_temporary(caller, "GetSessionToken")) return *error;
    const bool is_user = caller.kind == Caller::Kind::user;
    // AWS limits the sessions of an account's root to one hour, whatever duration it requests.
    const int duration = is_user ? duration_s.value_or(user_session_s)
                                 : std::min(duration_s.value_or(root_session_s_max), root_session_s_max);
    const Session_Identity identity{.kind = is_user ? Session_Identity::Kind::user : Session_Identity::Kind::account,
                                    .account = caller.account,
                                    .principal_arn = is_user ? caller.arn : "",
                                    .session = "",
                                    .expires_at = after(duration),
                                    .principal_id = is_user ? caller.user_id : ""};
    return credentials(identity, token_bytes_min);
}

Result<Federated_User> Sts::federation_token(const Caller& caller, const Account& account, const std::string& name,
                                             std::optional<int> duration_s, const Session_Limits& limits) const {
    if (auto error = is_temporary(caller, "GetFederationToken")) return *error;
    OSBOT_TRY(const auto percent, check_limits(account, limits));
    const bool is_user = caller.kind == Caller::Kind::user;
    const int requested_s = duration_s.value_or(user_session_s);
    const Session_Identity identity{
        .kind = Session_Identity::Kind::federated,
        .account = caller.account,
        .principal_arn = caller.arn,
        .session = name,
        .expires_at = after(is_user ? requested_s : std::min(requested_s, root_session_s_max)),
        .policy = limits.policy,
        .policy_arns = limits.policy_arns,
        .tags = limits.tags};
    return Federated_User{credentials(identity, limits.token_bytes_min),
                          session_arn(caller.arn, "federated-user/" + name), fmt::format("{}:{}", caller.account, name),
                          percent};
}

Session_Credentials Sts::root_session(const std::string& account_id, const std::string& task_policy_arn, int duration_s,
                                      std::size_t token_bytes_min) const {
    return credentials({.kind = Session_Identity::Kind::account,
                        .account = account_id,
                        .principal_arn = "",
                        .session = "",
                        .expires_at = after(duration_s),
                        .policy_arns = {task_policy_arn}},
                       token_bytes_min);
}

Result<Session_Credentials> Sts::scoped(const Caller& caller, const std::string& policy, std::optional<int> duration_s,
                                        std::size_t token_bytes_min) const {
    if (!caller.session)
        return Error{"InvalidSubjectCredentials",
                     "GetScopedCredentials needs temporary credentials: call AssumeRole or GetSessionToken first", 400};
    Session_Identity identity = *caller.session;
    if (!policy.empty()) {
        if (auto error = bad_session_policy(policy, wire::partition_in(caller.arn))) return *error;
        if (!identity.policy.empty() || !identity.policy_arns.empty())
            identity.policies_above.push_back(identity.policy);  // "": the session has only managed policies
        identity.policy = policy;
        std::size_t bytes = policy_size(policy);
        for (const std::string& above : identity.policies_above) bytes += policy_size(above);
        if (bytes > session_policies_max)
            return Error{
                "PackedPolicyTooLarge",
                fmt::format("The policies of the session have {} bytes: at most {}", bytes, session_policies_max), 400};
    }
    if (duration_s && after(*duration_s) > identity.expires_at)
        return Error{"InsufficientSessionLifetime",
                     "The requested DurationSeconds exceeds the remaining lifetime of the calling session", 400};
    if (duration_s) identity.expires_at = after(*duration_s);
    return credentials(identity, token_bytes_min);
}

Result<std::string> Sts::account_of_key(const std::string& access_key_id) const {
    if (auto account = services::account_of_key(access_key_id)) return *account;
    if (access_key_id.size() < key_characters_min) {
        return unsatisfied_iam(access_key_id, "accessKeyId", "Member must have length greater than or equal to 16");
    }
    return Account{}.id;
}

}  // namespace osbot_aws::services

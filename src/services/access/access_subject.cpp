#include "services/access/access_subject.hpp"

#include <fmt/format.h>

#include <utility>

#include "services/iam/policies_of.hpp"
#include "services/iam/policy/resource_callers.hpp"
#include "services/sts/sts.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {
namespace {

Policies allow_all() {
    static const auto policy =
        Named_Policy::parse("root", "", R"({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})");
    return {policy};
}

/// Returns the session policies: one of these in each level must allow. A session that was scoped down has a level for
/// each session above.
std::vector<Policies> session_policies(const Iam& iam, const Session_Identity& session) {
    std::vector<Policies> levels;
    for (const std::string& above : session.policies_above)
        levels.push_back(above.empty() ? Policies()
                                       : Policies{Named_Policy::parse("SessionPolicy", "Session Policy", above)});
    if (!session.policy.empty())
        levels.push_back({Named_Policy::parse("SessionPolicy", "Session Policy", session.policy)});
    if (session.policy_arns.empty()) return levels;
    if (levels.empty()) levels.emplace_back();
    for (const std::string& arn : session.policy_arns)
        if (const Policy* policy = iam.attached_policy(session.account, arn))
            levels.front().push_back(Named_Policy::parse(policy->name, "Session Policy", policy->document()));
    return levels;
}

const Principal* principal_of(const Iam& iam, const Caller& caller) {
    if (caller.kind == Caller::Kind::user) return iam.all<User>().find(scope_of(caller), caller.name);
    if (caller.kind == Caller::Kind::role || caller.kind == Caller::Kind::federated)
        return iam.principal_by_arn(caller.session->principal_arn);
    return nullptr;
}

void add_claims(const std::string& prefix, const Json& claims, Condition_Keys& keys) {
    for (const char* name : {"sub", "aud", "azp", "amr", "email"}) {
        const Json value = claims.value(name, Json());
        const Json list = value.is_array() ? value : Json::array({value});
        for (const Json& each : list)
            if (each.is_string()) keys[fmt::format("{}:{}", prefix, name)].push_back(each.get<std::string>());
    }
}

/// The subject of AssumeRoleWithWebIdentity. The operation rejects a token that cannot be read.
Result<Access_Subject> subject_of_web_identity(const Access_State& state, const Call& call) {
    Access_Subject subject{.caller = call.caller, .is_by_token = true};
    const auto claims = web_identity_claims(call.fields().text_or("WebIdentityToken"));
    if (!claims) return claims.error();
    const std::string issuer = claims->at("iss").get<std::string>();
    const std::size_t scheme = issuer.find("://");
    std::string host = issuer.substr(scheme == std::string::npos ? 0 : scheme + 3);
    while (host.ends_with('/')) host.pop_back();
    const std::string role = call.fields().text_or("RoleArn"), account = account_in(role);
    const std::string arn = wire::Arn{wire::partition_in(role), "iam", "", account, "oidc-provider/" + host}.text();
    if (state.iam.all<Oidc_Provider>().find(scope_in(arn), arn) == nullptr)
        return Error{"InvalidIdentityToken",
                     fmt::format("No OpenIDConnect provider found in your account for {}", issuer), 400};
    subject.principals = {{arn, Principal_Type::federated}, {host, Principal_Type::federated}};
    add_claims(host, *claims, subject.keys);
    return subject;
}

Result<Access_Subject> subject_of_saml(const Call& call) {
    Access_Subject subject{.caller = call.caller, .is_by_token = true};
    OSBOT_TRY(const auto assertion, read_saml_assertion(call.fields().text_or("SAMLAssertion")));
    subject.principals = {{call.fields().text_or("PrincipalArn"), Principal_Type::federated}};
    subject.keys = {{"saml:sub", {assertion.subject}},
                    {"saml:sub_type", {assertion.subject_type}},
                    {"saml:iss", {assertion.issuer}},
                    {"saml:aud", {assertion.recipient}}};
    return subject;
}

}  // namespace

Access_Subject subject_of(const Iam& iam, std::shared_ptr<const Caller> caller) {
    Access_Subject subject{.caller = std::move(caller)};
    const Caller& of = *subject.caller;
    if (of.kind == Caller::Kind::anonymous) return subject;
    const Principal* principal = principal_of(iam, of);
    subject.principals = {{of.arn}};
    subject.account = account_principals(wire::partition_in(of.arn), of.account);
    if (of.session) subject.policies.sessions = session_policies(iam, *of.session);
    const std::string root_arn = wire::Arn{wire::partition_in(of.arn), "iam", "", of.account, "root"}.text();
    const bool is_root =
        of.kind == Caller::Kind::root || (of.kind == Caller::Kind::federated && of.session->principal_arn == root_arn);
    if (is_root) subject.policies.identity = allow_all();
    if (of.kind == Caller::Kind::root) subject.principals = subject.account;
    // A federated user has only what the policies of its session allow, and the user's.
    if (of.kind == Caller::Kind::federated && subject.policies.sessions.empty())
        subject.policies.sessions.emplace_back();
    if (principal == nullptr) return subject;
    subject.policies.identity = identity_policies(iam, *principal);
    subject.policies.boundary = boundary_of(iam, *principal);
    if (of.kind == Caller::Kind::role) subject.limited_principals = {{principal->arn}};
    if (of.kind != Caller::Kind::federated) subject.principal = principal;
    return subject;
}

Result<Access_Subject> subject_of(const Access_State& state, const aws::Operation& operation, const Call& call) {
    const std::string_view name = operation.name;
    if (name == "AssumeRoleWithWebIdentity") return subject_of_web_identity(state, call);
    if (name == "AssumeRoleWithSAML") return subject_of_saml(call);
    return subject_of(state.iam, call.caller);
}

}  // namespace osbot_aws::services

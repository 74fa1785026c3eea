#include "services/iam/policy/evaluation.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "base/json.hpp"
#include "services/iam/policy/conditions.hpp"
#include "services/iam/policy/document.hpp"
#include "services/iam/policy/positions.hpp"

namespace osbot_aws::services {
namespace {

/// Old records may have statements without one.
bool has_effect(const Json& statement) {
    if (!statement.is_object()) return false;
    const Json effect = statement.value("Effect", Json());
    return effect == "Allow" || effect == "Deny";
}

constexpr std::size_t cached_bytes_max = 512 << 10;  // of documents

Policy_Statements statements_in(const std::string& document) {
    Policy_Statements statements;
    const Json json = base::parse_json(document);
    if (!json.is_object() || !json.contains("Statement")) return statements;
    const Json& all = json.at("Statement");
    const auto places = statement_places(document);
    const Json list = all.is_array() ? all : Json::array({all});
    const bool has_variables = json.value("Version", Json()) == "2012-10-17";
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!has_effect(list[i])) continue;
        const auto place = i < places.size() ? places[i] : std::pair<Text_Position, Text_Position>{};
        statements.push_back({list[i], place.first, place.second, has_variables});
    }
    return statements;
}

bool matches_action(const std::string& pattern, const Policy_Request& request, bool) {
    const auto expanded = Policy_Pattern::expand(pattern, {}, false);
    return expanded && expanded->matches(request.action, true);
}

bool matches_resource(const std::string& pattern, const Policy_Request& request, bool has_variables) {
    if (pattern == "*") return true;
    const auto expanded = Policy_Pattern::expand(pattern, request.keys, has_variables);
    return expanded && expanded->matches_arn(request.resource);
}

using Matches = bool (*)(const std::string& pattern, const Policy_Request& request, bool has_variables);

/// Checks Action or NotAction, Resource or NotResource. A policy of a role's trust has no resource.
bool matches_element(const Policy_Statement& of, const char* name, const char* negated, Matches matches,
                     const Policy_Request& request) {
    const Json& statement = of.json;
    const auto matches_one = [&](const std::string& pattern) { return matches(pattern, request, of.has_variables); };
    if (statement.contains(name)) return std::ranges::any_of(policy_texts(statement.at(name)), matches_one);
    if (statement.contains(negated)) return std::ranges::none_of(policy_texts(statement.at(negated)), matches_one);
    return !of.allows();  // an incomplete statement does not allow anything
}

bool is_caller(const std::string& kind, const std::string& named, const Policy_Request& request, bool by_account) {
    if (kind == "Service") return named == request.service || (named == "*" && !request.service.empty());
    if (named == "*") return kind == "AWS";
    const auto is_in = [&](const auto& names) { return std::ranges::find(names, named) != names.end(); };
    return is_in(request.principals) || (by_account && is_in(request.account));
}

bool names_caller(const Json& principal, const Policy_Request& request, bool by_account) {
    if (principal.is_string()) return principal == "*";
    if (!principal.is_object()) return false;
    for (const auto& [kind, names] : principal.items())
        for (const std::string& named : policy_texts(names))
            if (is_caller(kind, named, request, by_account)) return true;
    return false;
}

/// How a statement that allows must name the caller.
enum class Named { not_at_all, by_arn, by_arn_or_account };

/// Adds the statements that apply to `matched`. Returns the decision of these policies alone.
Decision decide(const Policies& policies, const Policy_Request& request, std::vector<Matched_Statement>& matched,
                Named named = Named::not_at_all) {
    std::vector<Matched_Statement> allowing, denying;
    for (const Named_Policy& policy : policies) {
        for (const Policy_Statement& statement : *policy.statements) {
            if (!statement.applies_to(request)) continue;
            if (named != Named::not_at_all && !statement.names_caller_of(request, named == Named::by_arn_or_account))
                continue;
            (statement.allows() ? allowing : denying).push_back({&policy, &statement});
        }
    }
    const auto& decisive = denying.empty() ? allowing : denying;
    matched.insert(matched.end(), decisive.begin(), decisive.end());
    if (!denying.empty()) return Decision::explicit_deny;
    return allowing.empty() ? Decision::implicit_deny : Decision::allowed;
}

/// The decision of the policies of one kind.
struct Decided {
    Policy_Kind kind;
    Decision decision = Decision::implicit_deny;
    std::vector<Matched_Statement> matched = {};
};

/// Returns the decisions of the boundary, the first, and of the session.
std::vector<Decided> limits_of(const Policy_Set& policies, const Policy_Request& request) {
    std::vector<Decided> limits;
    const auto add = [&](Policy_Kind kind, const Policies& of_kind) {
        Decided& added = limits.emplace_back(Decided{kind});
        added.decision = decide(of_kind, request, added.matched);
    };
    if (policies.boundary) add(Policy_Kind::boundary, *policies.boundary);
    for (const Policies& session : policies.sessions) add(Policy_Kind::session, session);
    return limits;
}

/// The permissions that the policy of a resource grants to the caller.
struct Grant {
    Decision decision = Decision::implicit_deny;
    std::vector<Matched_Statement> matched = {};
    bool names_caller = false, names_account = false;
    bool bypasses_limits = false;  ///< the policy names the session or user, and not only its role
};

Grant grant_of(const Policies& policies, const Policy_Request& request) {
    Grant grant;
    if (policies.empty()) return grant;
    Policy_Request with_role = request;
    with_role.principals.insert(with_role.principals.end(), request.limited_principals.begin(),
                                request.limited_principals.end());
    grant.decision = decide(policies, with_role, grant.matched, Named::by_arn);
    grant.names_caller = grant.decision == Decision::allowed;
    std::vector<Matched_Statement> others;
    grant.bypasses_limits = decide(policies, request, others, Named::by_arn) == Decision::allowed;
    grant.names_account = decide(policies, with_role, others, Named::by_arn_or_account) == Decision::allowed;
    return grant;
}

}  // namespace

bool Policy_Statement::applies_to(const Policy_Request& request) const {
    if (!matches_element(*this, "Action", "NotAction", &matches_action, request)) return false;
    const bool has_resource = json.contains("Resource") || json.contains("NotResource");
    if ((has_resource || !request.is_trust) &&
        !matches_element(*this, "Resource", "NotResource", &matches_resource, request))
        return false;
    return !json.contains("Condition") || meets(json.at("Condition"), request.keys, has_variables);
}

bool Policy_Statement::names_caller_of(const Policy_Request& request, bool by_account) const {
    if (json.contains("Principal")) return names_caller(json.at("Principal"), request, !allows() || by_account);
    return json.contains("NotPrincipal") && !names_caller(json.at("NotPrincipal"), request, true);
}

Named_Policy Named_Policy::parse(std::string id, std::string type, const std::string& document) {
    thread_local std::map<std::string, std::shared_ptr<const Policy_Statements>, std::less<>> cache;
    thread_local std::size_t cached_bytes = 0;
    auto& statements = cache[document];
    if (statements) return {std::move(id), std::move(type), statements};
    statements = std::make_shared<const Policy_Statements>(statements_in(document));
    Named_Policy policy{std::move(id), std::move(type), statements};
    cached_bytes += document.size();
    if (cached_bytes > cached_bytes_max) {
        cache.clear();
        cached_bytes = 0;
    }
    return policy;
}

std::set<std::string> Named_Policy::condition_keys() const {
    std::set<std::string> names;
    for (const Policy_Statement& statement : *statements) {
        if (statement.json.contains("Condition")) names.merge(keys_of(statement.json.at("Condition")));
        for (const char* element : {"Resource", "NotResource"}) {
            if (!statement.has_variables || !statement.json.contains(element)) continue;
            for (const std::string& text : policy_texts(statement.json.at(element)))
                for (std::string& variable : variables_in(text)) names.insert(std::move(variable));
        }
    }
    return names;
}

Evaluation evaluate(const Policy_Set& policies, const Policy_Request& request) {
    const std::vector<Decided> limits = limits_of(policies, request);
    Policy_Request of_resource = request;
    of_resource.is_trust = policies.is_trust_policy;
    of_resource.keys.erase(source_function_key);
    const Grant grant = grant_of(policies.resource, of_resource);
    Decided identity{Policy_Kind::identity};
    identity.decision = decide(policies.identity, request, identity.matched);

    std::vector<Decided> all{identity, {Policy_Kind::resource, grant.decision, grant.matched}};
    all.insert(all.end(), limits.begin(), limits.end());
    Evaluation result;
    if (policies.boundary) result.allowed_by_boundary = limits.front().decision == Decision::allowed;
    for (Decided& each : all) {
        if (each.decision != Decision::explicit_deny) continue;
        result.decision = each.decision;
        result.denied_by = each.kind;
        result.matched = std::move(each.matched);
        return result;
    }
    result.matched = identity.matched;
    result.matched.insert(result.matched.end(), grant.matched.begin(), grant.matched.end());
    const auto limit =
        std::ranges::find_if(limits, [](const Decided& each) { return each.decision != Decision::allowed; });
    const bool is_limited = limit != limits.end();
    const bool by_identity = identity.decision == Decision::allowed && !is_limited;
    const bool names_caller = grant.names_caller && (!is_limited || grant.bypasses_limits);
    const bool by_resource = names_caller || grant.names_account;
    const bool is_allowed = !policies.is_resource_sufficient ? by_identity && by_resource
                            : policies.is_trust_policy       ? names_caller || (by_identity && by_resource)
                                                             : by_identity || names_caller;
    if (is_allowed) result.decision = Decision::allowed;
    if (identity.decision == Decision::allowed) result.denied_by = is_limited ? limit->kind : Policy_Kind::resource;
    return result;
}

Evaluation evaluate(const Policies& policies, const Policy_Request& request) {
    Evaluation result;
    result.decision = decide(policies, request, result.matched);
    return result;
}

std::string_view decision_text(Decision decision) {
    if (decision == Decision::allowed) return "allowed";
    return decision == Decision::explicit_deny ? "explicitDeny" : "implicitDeny";
}

}  // namespace osbot_aws::services

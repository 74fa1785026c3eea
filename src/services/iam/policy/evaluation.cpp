#include "services/iam/policy/evaluation.hpp"

#include <algorithm>

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
    return true;
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

/// Adds the statements that apply to `matched`. Returns the decision of these policies alone.
Decision decide(const Policies& policies, const Policy_Request& request, std::vector<Matched_Statement>& matched,
                bool checks_principal = false) {
    std::vector<Matched_Statement> allowing, denying;
    for (const Named_Policy& policy : policies) {
        for (const Policy_Statement& statement : policy.statements) {
            if (!statement.applies_to(request)) continue;
            if (checks_principal && !statement.names_caller_of(request)) continue;
            (statement.allows() ? allowing : denying).push_back({&policy, &statement});
        }
    }
    const auto& decisive = denying.empty() ? allowing : denying;
    matched.insert(matched.end(), decisive.begin(), decisive.end());
    if (!denying.empty()) return Decision::explicit_deny;
    return allowing.empty() ? Decision::implicit_deny : Decision::allowed;
}

}  // namespace

bool Policy_Statement::applies_to(const Policy_Request& request) const {
    if (!matches_element(*this, "Action", "NotAction", &matches_action, request)) return false;
    if (!matches_element(*this, "Resource", "NotResource", &matches_resource, request)) return false;
    return !json.contains("Condition") || meets(json.at("Condition"), request.keys, has_variables);
}

bool Policy_Statement::names_caller_of(const Policy_Request& request) const {
    if (json.contains("Principal")) return names_caller(json.at("Principal"), request, !allows());
    return json.contains("NotPrincipal") && !names_caller(json.at("NotPrincipal"), request, true);
}

Named_Policy Named_Policy::parse(std::string id, std::string type, const std::string& document) {
    Named_Policy policy{std::move(id), std::move(type), {}};
    const Json json = base::parse_json(document);
    if (!json.is_object() || !json.contains("Statement")) return policy;
    const Json& all = json.at("Statement");
    const auto places = statement_places(document);
    const Json list = all.is_array() ? all : Json::array({all});
    const bool has_variables = json.value("Version", Json()) == "2012-10-17";
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!has_effect(list[i])) continue;
        const auto place = i < places.size() ? places[i] : std::pair<Text_Position, Text_Position>{};
        policy.statements.push_back({list[i], place.first, place.second, has_variables});
    }
    return policy;
}

std::set<std::string> Named_Policy::condition_keys() const {
    std::set<std::string> names;
    for (const Policy_Statement& statement : statements) {
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
    Evaluation result;
    std::vector<Matched_Statement> of_boundary, of_session, of_resource;
    const Decision identity = decide(policies.identity, request, result.matched);
    const Decision resource = decide(policies.resource, request, of_resource, true);
    const Decision boundary = policies.boundary ? decide(*policies.boundary, request, of_boundary) : Decision::allowed;
    const Decision session = policies.session ? decide(*policies.session, request, of_session) : Decision::allowed;
    if (policies.boundary) result.allowed_by_boundary = boundary == Decision::allowed;
    const std::pair<Decision, const std::vector<Matched_Statement>*> all[] = {
        {identity, &result.matched}, {resource, &of_resource}, {boundary, &of_boundary}, {session, &of_session}};
    for (const auto& [decision, matched] : all) {
        if (decision != Decision::explicit_deny) continue;
        auto denying = *matched;
        result.decision = decision;
        result.matched = std::move(denying);
        return result;
    }
    const bool by_identity =
        identity == Decision::allowed && boundary == Decision::allowed && session == Decision::allowed;
    const bool by_resource = resource == Decision::allowed;
    result.matched.insert(result.matched.end(), of_resource.begin(), of_resource.end());
    if (policies.is_resource_sufficient ? by_identity || by_resource : by_identity && by_resource)
        result.decision = Decision::allowed;
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

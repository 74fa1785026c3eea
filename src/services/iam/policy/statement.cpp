#include "services/iam/policy/statement.hpp"

#include <algorithm>
#include <tuple>

#include "base/json.hpp"
#include "services/iam/policy/document.hpp"
#include "services/iam/policy/positions.hpp"

namespace osbot_aws::services {
namespace {

bool is_in(const Policy_Principals& principals, const Policy_Principal& named) {
    return std::ranges::find(principals, named) != principals.end();
}

/// Old records may have statements without one.
bool has_effect(const Json& statement) {
    if (!statement.is_object()) return false;
    const Json effect = statement.value("Effect", Json());
    return effect == "Allow" || effect == "Deny";
}

/// `*` of AWS names everyone, that of services and identity providers each of them.
bool names_all(const Policy_Principal& named, const Policy_Request& request) {
    if (named.name != "*" || named.kind == Principal_Type::canonical_user) return false;
    if (named.kind == Principal_Type::aws) return true;
    return std::ranges::find(request.principals, named.kind, &Policy_Principal::kind) != request.principals.end();
}

Named caller_named(const Policy_Principal& named, const Policy_Request& request) {
    if (names_all(named, request) || is_in(request.principals, named)) return Named::directly;
    if (is_in(request.limited_principals, named)) return Named::by_role;
    return is_in(request.account, named) ? Named::by_account : Named::not_at_all;
}

}  // namespace

std::optional<Policy_Statement::Element> Policy_Statement::Element::of(const Json& statement, const char* name,
                                                                       const char* negated, bool has_variables) {
    Element element;
    auto found = statement.find(name);
    if (found == statement.end()) {
        found = statement.find(negated);
        element.is_negated = true;
    }
    if (found == statement.end()) return std::nullopt;
    for (const std::string& text : policy_texts(*found)) element.texts.emplace_back(text, has_variables);
    return element;
}

Policy_Statement::Policy_Statement(const Json& json, bool has_variables)
    : allows_(json.at("Effect") == "Allow"),
      actions_(Element::of(json, "Action", "NotAction", false)),
      resources_(Element::of(json, "Resource", "NotResource", has_variables)) {
    if (const auto condition = json.find("Condition"); condition != json.end())
        conditions_ = Policy_Conditions(*condition, has_variables);
    are_principals_negated_ = !json.contains("Principal") && json.contains("NotPrincipal");
    const Json principal = json.value(are_principals_negated_ ? "NotPrincipal" : "Principal", Json());
    names_everyone_ = principal == "*";
    if (!principal.is_object()) return;
    for (const auto& [kind_name, names] : principal.items())
        if (const auto kind = principal_kind(kind_name))
            for (std::string& name : policy_texts(names)) principals_.push_back({std::move(name), *kind});
}

/// An incomplete statement of an old record is undecided.
Matched Policy_Statement::matches_action(const Policy_Request& request) const {
    if (!actions_) return Matched::undecided;
    return actions_->matches([&](const Policy_Text& text) {
        return text.matches({request.keys}, [&](const auto& pattern) { return pattern.matches(request.action, true); });
    });
}

Matched Policy_Statement::matches_resource(const Policy_Request& request, bool is_trust) const {
    if (!resources_) return is_trust ? Matched::yes : Matched::undecided;
    return resources_->matches([&](const Policy_Text& text) {
        return text.matches({request.keys, request.shared_keys}, [&](const auto& pattern) {
            return pattern.is_any() || pattern.matches_arn(request.resource);
        });
    });
}

bool Policy_Statement::applies_to(const Policy_Request& request, bool is_trust) const {
    Matched matched = matches_action(request);
    const auto also = [&](Matched other) {
        if (matched == Matched::yes || other == Matched::no) matched = other;
    };
    if (matched != Matched::no) also(matches_resource(request, is_trust));
    if (matched != Matched::no) also(conditions_.met({request.keys, request.shared_keys}));
    return matched == Matched::yes || (matched == Matched::undecided && !allows_);
}

Named Policy_Statement::caller_in_principals(const Policy_Request& request) const {
    Named named = names_everyone_ ? Named::directly : Named::not_at_all;
    for (const Policy_Principal& each : principals_) named = std::max(named, caller_named(each, request));
    return named;
}

Named Policy_Statement::names_caller_of(const Policy_Request& request) const {
    const Named named = caller_in_principals(request);
    if (!are_principals_negated_) return named;
    return named == Named::not_at_all ? Named::directly : Named::not_at_all;
}

std::set<std::string> Policy_Statement::read_keys() const {
    std::set<std::string> names = conditions_.read_keys();
    if (!resources_) return names;
    for (const Policy_Text& text : resources_->texts)
        for (std::string& variable : text.variables()) names.insert(std::move(variable));
    return names;
}

Policy_Statements statements_in(std::string_view document) {
    Policy_Statements statements;
    const Json json = base::parse_json(document);
    if (!json.is_object() || !json.contains("Statement")) return statements;
    const Json& all = json.at("Statement");
    const Json list = all.is_array() ? all : Json::array({all});
    const auto places = statement_places(document);
    const bool has_variables = json.value("Version", Json()) == "2012-10-17";
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!has_effect(list[i])) continue;
        Policy_Statement& statement = statements.emplace_back(list[i], has_variables);
        if (i < places.size()) std::tie(statement.begin, statement.end) = places[i];
    }
    return statements;
}

}  // namespace osbot_aws::services

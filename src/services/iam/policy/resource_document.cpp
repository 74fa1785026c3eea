#include "services/iam/policy/resource_document.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "services/iam/policy/addresses.hpp"
#include "services/iam/policy/conditions.hpp"
#include "services/iam/policy/dates.hpp"
#include "services/iam/policy/document.hpp"
#include "services/iam/policy/principals.hpp"

namespace osbot_aws::services {
namespace {

using Fault = std::optional<Policy_Fault>;

Policy_Fault syntax_fault() { return {"Invalid policy syntax."}; }
Policy_Fault principal_fault(std::string detail) { return {"Invalid principal in policy", std::move(detail)}; }

/// Returns a fault for the first member that is none of these.
Fault unknown_member(const Json& object, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : object.items())
        if (std::ranges::find(names, std::string_view(name)) == names.end())
            return Policy_Fault{fmt::format("Unknown field {}", name)};
    return std::nullopt;
}

/// An element that may be negated: Action or NotAction.
struct Pair {
    const char *name, *negated;

    const Json* in(const Json& statement) const {
        for (const char* each : {name, negated})
            if (const auto found = statement.find(each); found != statement.end()) return &*found;
        return nullptr;
    }
};
constexpr Pair principal_pair{"Principal", "NotPrincipal"}, action_pair{"Action", "NotAction"},
    resource_pair{"Resource", "NotResource"};

Fault missing_element(const Json& statement, const Resource_Policy_Rules& rules) {
    const auto lacks = [&](const Pair& pair) { return pair.in(statement) == nullptr; };
    const char* missing = nullptr;
    if (rules.needs_resource && lacks(resource_pair)) missing = resource_pair.name;
    if (lacks(action_pair)) missing = action_pair.name;
    if (lacks(principal_pair)) missing = principal_pair.name;
    if (!statement.contains("Effect")) missing = "Effect";
    if (missing != nullptr) return Policy_Fault{fmt::format("Missing required field {}", missing)};
    for (const Pair& pair : {principal_pair, action_pair, resource_pair})
        if (statement.contains(pair.name) && statement.contains(pair.negated)) return syntax_fault();
    return std::nullopt;
}

Fault fault_in_texts(const Json* value, const std::function<bool(const std::string&)>& is_valid, const char* message) {
    if (value == nullptr) return std::nullopt;
    const auto texts = policy_texts(*value);
    if (texts.empty() || texts.size() != (value->is_array() ? value->size() : 1)) return syntax_fault();
    if (is_valid && !std::ranges::all_of(texts, is_valid)) return Policy_Fault{message};
    return std::nullopt;
}

/// Checks a value of a condition, unless it has variables.
Fault fault_in_value(std::string_view operator_name, const Json& value) {
    if (!value.is_string()) return std::nullopt;
    const auto& text = value.get_ref<const std::string&>();
    if (text.find("${") != std::string::npos) return std::nullopt;
    if (operator_name.ends_with("IpAddress") && !is_network(text))
        return Policy_Fault{"Invalid IP address in Conditions"};
    if (operator_name.starts_with("Date") && !is_policy_date(text)) return syntax_fault();
    return std::nullopt;
}

Fault fault_in_values(const Json& condition) {
    for (const auto& [name, tests] : condition.items()) {
        const std::string_view operator_name = Condition_Operator::parse(name).name;
        for (const Json& values : tests) {
            const Json list = values.is_array() ? values : Json::array({values});
            for (const Json& value : list) {
                if (value.is_structured() || value.is_null()) return syntax_fault();
                if (auto fault = fault_in_value(operator_name, value)) return fault;
            }
        }
    }
    return std::nullopt;
}

Fault fault_in_effect(const Json& effect) {
    if (effect == "Allow" || effect == "Deny") return std::nullopt;
    return Policy_Fault{
        fmt::format("Invalid effect: {}", effect.is_string() ? effect.get<std::string>() : base::dump_json(effect))};
}

Fault fault_in_statement(const Json& statement, const Resource_Policy_Rules& rules) {
    if (!statement.is_object()) return syntax_fault();
    if (auto fault = unknown_member(statement, {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
                                                "Resource", "NotResource", "Condition"}))
        return fault;
    if (auto fault = missing_element(statement, rules)) return fault;
    if (statement.contains("Sid") && !statement.at("Sid").is_string()) return syntax_fault();
    if (auto fault = fault_in_effect(statement.at("Effect"))) return fault;
    if (auto fault = fault_in_principal(*principal_pair.in(statement))) return fault;
    if (auto fault = fault_in_texts(action_pair.in(statement), rules.is_action, "Policy has invalid action"))
        return fault;
    if (auto fault = fault_in_texts(resource_pair.in(statement), rules.is_resource, "Policy has invalid resource"))
        return fault;
    const auto condition = statement.find("Condition");
    if (condition == statement.end()) return std::nullopt;
    if (auto fault = fault_in_condition(*condition)) return fault;
    return fault_in_values(*condition);
}

}  // namespace

Fault fault_in_condition(const Json& condition) {
    if (!condition.is_object()) return syntax_fault();
    for (const auto& [name, tests] : condition.items()) {
        if (!tests.is_object()) return syntax_fault();
        if (!tests.empty() && !Condition_Operator::parse(name).is_valid())
            return Policy_Fault{fmt::format("Invalid Condition type : {}", name)};
    }
    return std::nullopt;
}

Fault fault_in_principal(const Json& principal) {
    if (principal == "*") return std::nullopt;
    if (!principal.is_object() || principal.empty()) return principal_fault(base::dump_json(principal));
    for (const auto& [kind_name, names] : principal.items()) {
        const auto kind = principal_kind(kind_name);
        const std::string upper_kind = base::upper_case(kind_name);
        const auto texts = policy_texts(names);
        if (!kind || texts.empty()) return principal_fault(fmt::format("\"{}\"", upper_kind));
        for (const std::string& name : texts)
            if (!is_principal({name, *kind})) return principal_fault(fmt::format(R"("{}":"{}")", upper_kind, name));
    }
    return std::nullopt;
}

Fault fault_in_policy(std::string_view document, const Resource_Policy_Rules& rules) {
    const Json policy = base::parse_json(document);
    if (!policy.is_object()) return Policy_Fault{"This policy contains invalid Json"};
    if (auto fault = unknown_member(policy, {"Version", "Id", "Statement"})) return fault;
    if (!is_policy_version(policy.value("Version", Json("2008-10-17"))))
        return Policy_Fault{"The policy must contain a valid version string"};
    if (!policy.value("Id", Json("")).is_string()) return syntax_fault();
    const auto found = policy.find("Statement");
    if (found == policy.end()) return Policy_Fault{"Missing required field Statement"};
    const Json statements = found->is_object() ? Json::array({*found}) : *found;
    if (!statements.is_array()) return syntax_fault();
    if (statements.empty() && rules.needs_statement)
        return Policy_Fault{"Could not parse the policy: Statement is empty!"};
    for (const Json& statement : statements)
        if (auto fault = fault_in_statement(statement, rules)) return fault;
    return std::nullopt;
}

}  // namespace osbot_aws::services

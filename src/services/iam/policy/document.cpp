#include "services/iam/policy/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/wildcard.hpp"
#include "services/iam/policy/conditions.hpp"
#include "services/iam/policy/dates.hpp"
#include "services/iam/policy/resource_document.hpp"
#include "services/iam/policy/resources.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view current_version = "2012-10-17", old_version = "2008-10-17";
Error malformed(std::string message) { return {"MalformedPolicyDocument", std::move(message), 400}; }
Error syntax_error() { return malformed("Syntax errors in policy."); }
Error legacy_error() { return malformed("The policy failed legacy parsing"); }

bool has_either(const Json& statement, const char* name, const char* negated) {
    return statement.contains(name) || statement.contains(negated);
}

/// Returns the statements of a policy: one or a list.
std::vector<Json> statements_of(const Json& policy) {
    const Json& all = policy.at("Statement");
    return all.is_array() ? all.get<std::vector<Json>>() : std::vector{all};
}

std::vector<std::string> texts_of(const Json& statement, const char* name) {
    return statement.contains(name) ? policy_texts(statement.at(name)) : std::vector<std::string>();
}

// ---- Syntax ----

bool has_only(const Json& object, std::initializer_list<std::string_view> names) {
    return std::ranges::all_of(object.items(), [&](const auto& member) {
        return std::ranges::find(names, std::string_view(member.key())) != names.end();
    });
}

bool is_text_or_texts(const Json& statement, const char* name) {
    const auto found = statement.find(name);
    if (found == statement.end() || found->is_string()) return true;
    return found->is_array() &&
           std::all_of(found->begin(), found->end(), [](const Json& each) { return each.is_string(); });
}

bool is_valid_condition(const Json& condition) {
    if (fault_in_condition(condition)) return false;
    const auto is_bad = [](const Json& value) { return value.is_object() || value.is_null(); };
    return std::none_of(condition.begin(), condition.end(),
                        [&](const Json& tests) { return std::any_of(tests.begin(), tests.end(), is_bad); });
}

bool is_valid_effect(const Json& statement) {
    const auto effect = statement.find("Effect");
    if (effect == statement.end() || !effect->is_string()) return false;
    const std::string lower = base::lower_case(effect->get<std::string>());
    return lower == "allow" || lower == "deny";
}

bool is_valid_statement(const Json& statement) {
    if (!statement.is_object() || !is_valid_effect(statement)) return false;
    if (!has_only(statement, {"Sid", "Action", "NotAction", "Resource", "NotResource", "Effect", "Condition",
                              "Principal", "NotPrincipal"}))
        return false;
    if (statement.contains("Resource") && statement.contains("NotResource")) return false;
    if (statement.contains("Action") && statement.contains("NotAction")) return false;
    for (const char* name : {"Action", "NotAction", "Resource", "NotResource"})
        if (!is_text_or_texts(statement, name)) return false;
    if (statement.contains("Condition") && !is_valid_condition(statement.at("Condition"))) return false;
    return !statement.contains("Sid") || statement.at("Sid").is_string();
}

bool is_valid_syntax(const Json& policy) {
    if (!policy.is_object() || !has_only(policy, {"Version", "Id", "Statement"})) return false;
    const Json version = policy.value("Version", Json(current_version));
    if (!is_policy_version(version)) return false;
    if (!policy.value("Id", Json("")).is_string() || !policy.contains("Statement")) return false;
    const auto statements = statements_of(policy);
    return !statements.empty() && std::ranges::all_of(statements, is_valid_statement);
}

// ---- Content ----

bool has_valid_dates(const Json& condition) {
    for (const auto& [name, keys] : condition.items()) {
        if (!Condition_Operator::parse(name).name.starts_with("Date")) continue;
        for (const Json& values : keys) {
            const Json all = values.is_array() ? values : Json::array({values});
            for (const Json& value : all)
                if (value.is_string() && !is_policy_date(value.get<std::string>())) return false;
        }
    }
    return true;
}

/// AWS parses a policy with an older parser, too, which reports no details.
std::optional<Error> legacy_problem(const std::vector<Json>& statements, std::string_view partition,
                                    std::string& resource_problem) {
    for (const Json& statement : statements) {
        const Json& effect = statement.at("Effect");
        if (effect != "Allow" && effect != "Deny") return legacy_error();
        if (statement.contains("Condition") && !has_valid_dates(statement.at("Condition"))) return legacy_error();
    }
    for (const char* name : {"Resource", "NotResource"}) {
        for (const Json& statement : statements) {
            auto resources = texts_of(statement, name);
            std::ranges::sort(resources, std::greater());
            for (const std::string& resource : resources)
                if (auto problem = resource_format_problem(resource, partition)) resource_problem = *problem;
            if (!resource_problem.empty()) continue;
            if (!std::ranges::all_of(resources, passes_legacy_parser)) return legacy_error();
        }
    }
    return std::nullopt;
}

std::optional<Error> bad_action(const std::string& action) {
    if (action == "*") return std::nullopt;
    const auto colons = std::ranges::count(action, ':');
    if (colons == 0) return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (colons > 1) return malformed("Actions/Condition can contain only one colon.");
    const std::string_view vendor = std::string_view(action).substr(0, action.find(':'));
    const auto is_vendor = [](char c) { return base::is_alphanumeric(c) || c == '-' || c == '.'; };
    if (vendor != "*" && !std::ranges::all_of(vendor, is_vendor))
        return malformed(fmt::format("Vendor {} is not valid", vendor));
    return std::nullopt;
}

bool lacks(const Json& statement, const char* name, const char* negated) {
    if (!has_either(statement, name, negated)) return true;
    const Json& value = statement.contains(name) ? statement.at(name) : statement.at(negated);
    return value.is_array() && value.empty();
}

std::optional<Error> bad_statements(const std::vector<Json>& statements) {
    std::set<std::string> ids;
    for (const Json& statement : statements) {
        const std::string id = statement.value("Sid", "");
        if (!id.empty() && !ids.insert(id).second)
            return malformed("Statement IDs (SID) in a single policy must be unique.");
        if (has_either(statement, "Principal", "NotPrincipal"))
            return malformed("Policy document should not specify a principal.");
    }
    for (const Json& statement : statements)
        if (lacks(statement, "Action", "NotAction")) return malformed("Policy statement must contain actions.");
    for (const Json& statement : statements)
        if (lacks(statement, "Resource", "NotResource")) return malformed("Policy statement must contain resources.");
    return std::nullopt;
}

std::optional<Error> bad_permissions(const std::string& document, std::string_view partition, bool needs_version) {
    const Json policy = base::parse_json(document);
    if (!is_valid_syntax(policy)) return syntax_error();
    if (needs_version && policy.value("Version", "") != current_version)
        return malformed("Policy document must be version 2012-10-17 or greater.");
    const auto statements = statements_of(policy);
    std::string resource_problem;
    if (auto error = legacy_problem(statements, partition, resource_problem)) return error;
    if (auto error = bad_statements(statements)) return error;
    if (!resource_problem.empty()) return malformed(resource_problem);
    for (const char* name : {"Action", "NotAction"})
        for (const Json& statement : statements)
            for (const std::string& action : texts_of(statement, name))
                if (auto error = bad_action(action)) return error;
    return std::nullopt;
}

// ---- Trust policies ----

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html, with the role
// as their resource.
constexpr std::array trust_actions{"sts:assumerole",        "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
                                   "sts:setsourceidentity", "sts:tagsession",         "sts:setcontext"};

/// Returns true if the action, which may have wildcards, is one of those that a trust policy can allow.
bool is_trust_action(const std::string& action) {
    const std::string pattern = base::lower_case(action);
    return std::ranges::any_of(trust_actions, [&](const char* name) { return base::matches_wildcards(pattern, name); });
}

/// Source of the message: https://github.com/opstrace/opstrace/issues/88
std::optional<Error> bad_trusted_principal(const Json& statement) {
    const char* name = statement.contains("Principal") ? "Principal" : "NotPrincipal";
    const auto fault = fault_in_principal(statement.at(name));
    if (!fault) return std::nullopt;
    return malformed(fmt::format("{}: {}", fault->message, fault->detail));
}

std::optional<Error> bad_trust_statement(const Json& statement) {
    if (!statement.is_object()) return syntax_error();
    const auto effect = statement.find("Effect");
    if (effect == statement.end()) return malformed("Missing required field Effect");
    if (*effect != "Allow" && *effect != "Deny") return syntax_error();
    if (!has_either(statement, "Principal", "NotPrincipal")) return malformed("Missing required field Principal");
    if (auto error = bad_trusted_principal(statement)) return error;
    if (has_either(statement, "Resource", "NotResource")) return malformed("Has prohibited field Resource");
    if (!has_either(statement, "Action", "NotAction")) return malformed("Missing required field Action");
    if (!is_text_or_texts(statement, "Action")) return syntax_error();
    if (statement.contains("Condition") && !is_valid_condition(statement.at("Condition"))) return syntax_error();
    if (!std::ranges::all_of(texts_of(statement, "Action"), is_trust_action))
        return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    return std::nullopt;
}

}  // namespace

std::optional<Error> bad_identity_policy(const std::string& document, std::string_view partition) {
    return bad_permissions(document, partition, true);
}
std::optional<Error> bad_session_policy(const std::string& document, std::string_view partition) {
    return bad_permissions(document, partition, false);
}

std::optional<Error> bad_resource_policy(const std::string& document) {
    const auto fault = fault_in_policy(document, {.needs_resource = false});
    return fault ? std::optional(malformed(fault->message)) : std::nullopt;
}

bool is_policy_version(const Json& version) { return version == current_version || version == old_version; }

std::optional<Error> bad_trust_policy(const std::string& document) {
    const Json policy = base::parse_json(document);
    if (!policy.is_object()) return malformed("This policy contains invalid Json");
    const Json version = policy.value("Version", Json(old_version));
    if (!is_policy_version(version) || !policy.contains("Statement")) return syntax_error();
    const auto statements = statements_of(policy);
    if (statements.empty()) return syntax_error();
    for (const Json& statement : statements)
        if (auto error = bad_trust_statement(statement)) return error;
    return std::nullopt;
}

std::vector<std::string> policy_texts(const Json& value) {
    const Json all = value.is_array() ? value : Json::array({value});
    std::vector<std::string> texts;
    for (const Json& each : all)
        if (each.is_string()) texts.push_back(each.get<std::string>());
    return texts;
}

std::size_t policy_size(std::string_view document) {
    return static_cast<std::size_t>(std::ranges::count_if(
        document, [](char c) { return std::string_view(" \t\r\n").find(c) == std::string_view::npos; }));
}

}  // namespace osbot_aws::services

// Resource policies of layer versions:
// https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html The order of the checks and their
// words: localstack's lambda_/provider.py; they were not compared with AWS's own answers.
#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/random.hpp"
#include "engine/lambda/function_rules.hpp"
#include "engine/lambda/layers.hpp"
#include "engine/lambda/validation.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view allowed_action = "lambda:GetLayerVersion";
constexpr std::size_t statement_id_length_max = 100;

Error missing(std::string message) { return {"ResourceNotFoundException", std::move(message), 404}; }

Error policy_revision_refused() {
    return {
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the "
        "latest Revision Id",
        412};
}

bool is_organization_char(char c) { return base::is_lower(c) || base::is_digit(c); }

bool is_account(std::string_view text) { return text.size() == 12 && base::consists_of(text, base::is_digit); }

/// "arn:aws:iam::123456789012:root" -> "123456789012"; empty: no such ARN
std::string_view account_of_root(std::string_view text) {
    constexpr std::string_view service = ":iam::", user = ":root";
    const auto at = text.find(service);
    if (!text.starts_with("arn:aws") || at == std::string_view::npos || !text.ends_with(user)) return {};
    text.remove_prefix(at + service.size());
    text.remove_suffix(user.size());
    return is_account(text) ? text : std::string_view{};
}

bool is_principal(std::string_view text) { return text == "*" || is_account(text) || !account_of_root(text).empty(); }

bool is_organization(std::string_view text) {
    return text.starts_with("o-") && text.size() >= 12 && text.size() <= 34 &&
           base::consists_of(text.substr(2), is_organization_char);
}

std::optional<Error> check_model(const Add_Layer_Permission& wanted) {
    Validation checked;
    checked.length("statementId", wanted.statement_id, 1, statement_id_length_max);
    checked.pattern("statementId", wanted.statement_id, base::all_name_characters(wanted.statement_id),
                    "([a-zA-Z0-9-_]+)");
    checked.pattern("action", wanted.action, wanted.action == allowed_action, allowed_action);
    checked.pattern("principal", wanted.principal, is_principal(wanted.principal),
                    R"(\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root)");
    if (!wanted.organization_id.empty())
        checked.pattern("organizationId", wanted.organization_id, is_organization(wanted.organization_id),
                        "o-[a-z0-9]{10,32}");
    return checked.error();
}

Json statement_of(const Add_Layer_Permission& wanted, const Layer_Version& version) {
    Json principal = wanted.principal;
    if (is_account(wanted.principal)) principal = fmt::format("arn:aws:iam::{}:root", wanted.principal);
    if (principal != "*") principal = Json{{"AWS", principal}};
    Json statement{{"Sid", wanted.statement_id},
                   {"Effect", "Allow"},
                   {"Principal", std::move(principal)},
                   {"Action", wanted.action},
                   {"Resource", version.arn}};
    if (!wanted.organization_id.empty())
        statement["Condition"] = {{"StringEquals", {{"aws:PrincipalOrgID", wanted.organization_id}}}};
    return statement;
}

/// No account here is of an organization, so that a statement for one allows nobody.
bool allows(const Json& statement, const std::string& account) {
    if (statement.contains("Condition")) return false;
    const Json& principal = statement.at("Principal");
    return principal == "*" || account_of_root(principal.at("AWS").get_ref<const std::string&>()) == account;
}

}  // namespace

// Of accounts that may not be asked, AWS doesn't tell whether a layer exists.
std::optional<Error> Layers::check_access(const Account& account, const Place& place) const {
    if (place.account.id == account.id) return std::nullopt;
    if (const Layer* layer = find_layer(place)) {
        const auto policy = layer->policies.find(place.number);
        const auto allowed = [&](const Json& statement) { return allows(statement, account.id); };
        if (policy != layer->policies.end() && std::ranges::any_of(policy->second.statements, allowed))
            return std::nullopt;
    }
    return Error{"AccessDeniedException",
                 fmt::format("User: arn:aws:iam::{}:root is not authorized to perform: lambda:GetLayerVersion on "
                             "resource: arn:aws:lambda:{}:{}:layer:{}:{} because no resource-based policy allows the "
                             "lambda:GetLayerVersion action",
                             account.id, place.account.region, place.account.id, place.name, place.number),
                 403};
}

Result<const Layers::Layer*> Layers::layer_with(const Place& place) const {
    const Layer* layer = find_layer(place);
    if (layer == nullptr || !layer->versions.contains(place.number)) {
        return missing(fmt::format("Layer version arn:aws:lambda:{}:{}:layer:{}:{} does not exist.",
                                   place.account.region, place.account.id, place.name, place.number));
    }
    return layer;
}

Result<Layers::Added_Permission> Layers::add_permission(const Account& account, const Add_Layer_Permission& wanted) {
    if (auto error = check_model(wanted)) return *error;
    Place place = place_of(account, wanted.name);
    place.number = wanted.number;
    const auto layer = layer_with(place);
    if (!layer) return layer.error();
    const auto found = (*layer)->policies.find(place.number);
    Layer_Policy policy = found == (*layer)->policies.end() ? Layer_Policy{} : found->second;
    for (const Json& statement : policy.statements) {
        if (statement.at("Sid") != wanted.statement_id) continue;
        return conflict(
            fmt::format("The statement id ({}) provided already exists. Please provide a new statement id, or remove "
                        "the existing statement.",
                        wanted.statement_id));
    }
    if (!wanted.revision_id.empty() && wanted.revision_id != policy.revision_id) return policy_revision_refused();
    policy.statements.push_back(statement_of(wanted, *(*layer)->versions.at(place.number)));
    policy.revision_id = base::uuid4();
    Added_Permission added{policy.statements.back(), policy.revision_id};
    Layer& changed = layers_[place.account][place.name];
    changed.policies[place.number] = std::move(policy);
    save(place, changed);
    return added;
}

Result<void> Layers::remove_permission(const Account& account, std::string_view name, std::int64_t number,
                                       std::string_view statement_id, std::string_view revision_id) {
    Place place = place_of(account, name);
    place.number = number;
    if (const auto found = layer_with(place); !found) return found.error();
    Layer& layer = layers_[place.account][place.name];
    const auto policy = layer.policies.find(number);
    if (policy == layer.policies.end()) return missing("No policy is associated with the given resource.");
    if (!revision_id.empty() && revision_id != policy->second.revision_id) return policy_revision_refused();
    const auto is_it = [&](const Json& statement) { return statement.at("Sid") == statement_id; };
    if (std::erase_if(policy->second.statements, is_it) == 0)
        return missing(fmt::format("Statement {} is not found in resource policy.", statement_id));
    policy->second.revision_id = base::uuid4();
    if (policy->second.statements.empty()) layer.policies.erase(policy);
    save(place, layer);
    return {};
}

Result<Layer_Policy> Layers::policy(const Account& account, std::string_view name, std::int64_t number) const {
    Place place = place_of(account, name);
    place.number = number;
    const auto layer = layer_with(place);
    if (!layer) return layer.error();
    const auto policy = (*layer)->policies.find(number);
    if (policy == (*layer)->policies.end()) return missing("No policy is associated with the given resource.");
    return policy->second;
}

}  // namespace osbot_aws::engine

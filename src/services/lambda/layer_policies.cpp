// Resource policies of layer versions:
// https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html
// The checks, their order and their messages are copied from localstack's lambda_/provider.py; they were not compared
// with AWS's own responses.
#include <fmt/format.h>

#include "base/random.hpp"
#include "services/iam/policy/resource_callers.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/layers.hpp"
#include "wire/account_id.hpp"

namespace osbot_aws::services {
namespace {

Error not_found_error(std::string message) { return {"ResourceNotFoundException", std::move(message), 404}; }

Error layer_policy_revision_mismatch() {
    return {
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the "
        "latest Revision Id",
        412};
}

Json statement_of(const Add_Layer_Permission& request, const Layer_Version& version) {
    Json principal = request.principal;
    if (wire::is_account_id(request.principal))
        principal = Account{request.principal, version.account.region}.root_arn();
    if (principal != "*") principal = Json{{"AWS", principal}};
    Json statement{{"Sid", request.statement_id},
                   {"Effect", "Allow"},
                   {"Principal", std::move(principal)},
                   {"Action", request.action},
                   {"Resource", version.arn}};
    if (!request.organization_id.empty())
        statement["Condition"] = {{"StringEquals", {{"aws:PrincipalOrgID", request.organization_id}}}};
    return statement;
}

}  // namespace

// The message has the layer, or a version of it if the reference has a number. Recorded, for ListLayerVersions:
// https://github.com/keithrozario/Klayers/issues/81 and
// https://github.com/mooyoul/serverless-latest-layer-version/issues/31
Error Layers::not_authorized(const Account& account, const Reference& reference, std::string_view action) {
    const std::string version = reference.number == 0 ? "" : fmt::format(":{}", reference.number);
    return {
        "AccessDeniedException",
        fmt::format("User: {0} is not authorized to perform: lambda:{1} on resource: {2}{3} because no resource-based "
                    "policy allows the lambda:{1} action",
                    account.root_arn(), action, layer_arn(reference.account, reference.name), version),
        403};
}

std::optional<Error> Layers::check_owner(const Account& account, const Reference& reference, std::string_view action) {
    if (reference.account.id != account.id) return not_authorized(account, reference, action);
    if (reference.account.region != account.region) return other_region(reference.account.region, account);
    return std::nullopt;
}

// As on AWS, an account without permission receives the same error whether or not the layer exists.
std::optional<Error> Layers::check_access(const Account& account, const Reference& reference) const {
    if (reference.account.id == account.id) return std::nullopt;
    // The engine has no organizations, so a statement with an organization names no account.
    const auto found = entry(reference);
    if (found && permits_account(policy_of_statements((*found)->policy.statements), account, "lambda:GetLayerVersion",
                                 (*found)->version->arn))
        return std::nullopt;
    return not_authorized(account, reference, "GetLayerVersion");
}

Result<const Layer::Entry*> Layers::entry(const Reference& reference) const {
    const Layer* layer = find_layer(reference);
    if (layer != nullptr) {
        const auto found = layer->versions.find(reference.number);
        if (found != layer->versions.end()) return &found->second;
    }
    return not_found_error(fmt::format("Layer version {}:{} does not exist.",
                                       layer_arn(reference.account, reference.name), reference.number));
}

Result<Layers::Added_Permission> Layers::add_permission(const Account& account, const Add_Layer_Permission& request) {
    const Reference reference = reference_of(account, request.name, request.number);
    if (auto error = check_owner(account, reference, "AddLayerVersionPermission")) return *error;
    OSBOT_TRY(auto* found, entry(reference));
    Layer_Policy policy = found->policy;
    for (const Json& statement : policy.statements) {
        if (statement.at("Sid") != request.statement_id) continue;
        return conflict(
            fmt::format("The statement id ({}) provided already exists. Please provide a new statement id, or remove "
                        "the existing statement.",
                        request.statement_id));
    }
    if (!request.revision_id.empty() && request.revision_id != policy.revision_id)
        return layer_policy_revision_mismatch();
    policy.statements.push_back(statement_of(request, *found->version));
    policy.revision_id = base::uuid4();
    Added_Permission added{policy.statements.back(), policy.revision_id};
    set_policy(reference, std::move(policy));
    return added;
}

void Layers::set_policy(const Reference& reference, Layer_Policy policy) {
    Layer& layer = *find_layer(reference);
    layer.versions.at(reference.number).policy = std::move(policy);
    save(layer);
}

Result<void> Layers::remove_permission(const Account& account, std::string_view name, std::int64_t number,
                                       std::string_view statement_id, std::string_view revision_id) {
    const Reference reference = reference_of(account, name, number);
    if (auto error = check_owner(account, reference, "RemoveLayerVersionPermission")) return *error;
    OSBOT_TRY(auto policy, this->policy(account, name, number));
    if (!revision_id.empty() && revision_id != policy.revision_id) return layer_policy_revision_mismatch();
    const auto matches = [&](const Json& statement) { return statement.at("Sid") == statement_id; };
    if (std::erase_if(policy.statements, matches) == 0)
        return not_found_error(fmt::format("Statement {} is not found in resource policy.", statement_id));
    policy.revision_id = policy.statements.empty() ? "" : base::uuid4();
    set_policy(reference, std::move(policy));
    return {};
}

Result<Layer_Policy> Layers::policy(const Account& account, std::string_view name, std::int64_t number) const {
    const Reference reference = reference_of(account, name, number);
    if (auto error = check_owner(account, reference, "GetLayerVersionPolicy")) return *error;
    OSBOT_TRY(auto* found, entry(reference));
    if (found->policy.statements.empty()) return not_found_error("No policy is associated with the given resource.");
    return found->policy;
}

}  // namespace osbot_aws::services

// IAM's operations that evaluate policies without a request to a service.
#include <set>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/iam/api/page.hpp"
#include "services/iam/api/tables.hpp"
#include "services/iam/iam_rules.hpp"
#include "services/iam/policies_of.hpp"
#include "services/iam/policy/document.hpp"
#include "services/iam/policy/evaluation.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {
namespace {

Error bad_simulation(std::string message) { return {"InvalidInput", std::move(message), 400}; }

/// Adds the policies of a list of documents, which are named by their position: PolicyInputList.1
Result<void> add_documents(const Call& call, const std::string& member, Policies& policies) {
    int number = 0;
    for (const std::string& document : call.fields().texts(member)) {
        ++number;
        if (const auto error = bad_session_policy(document, call.account.partition()))
            return bad_simulation(fmt::format("Invalid Input: {}.{}: {}", member, number, error->message));
        policies.push_back(Named_Policy::parse(fmt::format("{}.{}", member, number), "IAM Policy", document));
    }
    return {};
}

/// The input of a simulation.
struct Simulation {
    Policy_Set policies;
    Condition_Keys keys;
    std::set<std::string> read_keys;     // by the policies
    std::vector<Policies> organization;  // each level must allow
    std::string caller;
};

void add_keys_of(const Policies& policies, std::set<std::string>& names) {
    for (const auto& policy : policies) names.merge(policy->condition_keys());
}

Result<void> add_organization(const Call& call, Simulation& simulation) {
    for (const Json& level : call.fields().list("OrderedOrganizationPolicyInputList")) {
        Policies policies;
        for (const std::string& document : aws::Fields(level).texts("ServiceControlPolicyInputList")) {
            if (const auto error = bad_session_policy(document, call.account.partition()))
                return bad_simulation(error->message);
            policies.push_back(Named_Policy::parse("ServiceControlPolicy", "IAM Policy", document));
        }
        add_keys_of(policies, simulation.read_keys);
        simulation.organization.push_back(std::move(policies));
    }
    return {};
}

/// A policy of a resource has a principal, which is not part of the grammar of other policies.
Result<void> add_resource_policy(const Call& call, Simulation& simulation) {
    const auto document = call.fields().text("ResourcePolicy");
    if (!document) return {};
    if (simulation.caller.empty()) return bad_simulation("Invalid Input: CallerArn is required with ResourcePolicy");
    if (const auto error = bad_resource_policy(*document))
        return bad_simulation(fmt::format("Invalid Input: ResourcePolicy: {}", error->message));
    simulation.policies.resource = {Named_Policy::parse("ResourcePolicy", "IAM Policy", *document)};
    add_keys_of(simulation.policies.resource, simulation.read_keys);
    return {};
}

/// Checks the values of a context key against its type: string, stringList, numeric ...
std::optional<Error> bad_context(const aws::Fields& context) {
    const std::string name = context.text_or("ContextKeyName"), type = context.text_or("ContextKeyType");
    const auto values = context.texts("ContextKeyValues");
    if (values.size() > 1 && !type.empty() && !type.ends_with("List"))
        return bad_simulation(
            fmt::format("Invalid Input: {} has {} values: its type is {}List", name, values.size(), type));
    constexpr std::size_t value_bytes_max = 1024;
    if (std::ranges::any_of(values, [&](const std::string& value) { return value.size() > value_bytes_max; }))
        return bad_simulation(
            fmt::format("Invalid Input: a value of {} has more than {} bytes", name, value_bytes_max));
    const bool are_numbers = type.starts_with("numeric");
    const auto is_number = [](const std::string& value) { return base::parse_double(value).has_value(); };
    if (are_numbers && !std::ranges::all_of(values, is_number))
        return bad_simulation(fmt::format("Invalid Input: a value of {} is not a number", name));
    return std::nullopt;
}

Result<void> add_input(const Call& call, Simulation& simulation) {
    const auto fields = call.fields();
    OSBOT_TRY(add_documents(call, "PolicyInputList", simulation.policies.identity));
    if (fields.has("PermissionsBoundaryPolicyInputList")) {
        simulation.policies.boundary.emplace();
        OSBOT_TRY(add_documents(call, "PermissionsBoundaryPolicyInputList", *simulation.policies.boundary));
    }
    for (const Json& entry : fields.list("ContextEntries")) {
        const aws::Fields context(entry);
        if (auto error = bad_context(context)) return *error;
        simulation.keys[base::lower_case(context.text_or("ContextKeyName"))] = context.texts("ContextKeyValues");
    }
    simulation.caller = fields.text_or("CallerArn", simulation.caller);
    add_keys_of(simulation.policies.identity, simulation.read_keys);
    if (simulation.policies.boundary) add_keys_of(*simulation.policies.boundary, simulation.read_keys);
    OSBOT_TRY(add_organization(call, simulation));
    const std::string owner = fields.text_or("ResourceOwner");
    simulation.policies.is_resource_sufficient =
        owner.empty() || owner == call.account.id || account_in(owner) == call.account.id;
    return add_resource_policy(call, simulation);
}

Json position_json(const Text_Position& position) { return {{"Line", position.line}, {"Column", position.column}}; }

Json matched_json(const std::vector<Matched_Statement>& matched) {
    Json list = Json::array();
    for (const auto& [policy, statement] : matched)
        list.push_back({{"SourcePolicyId", policy->id},
                        {"SourcePolicyType", policy->type},
                        {"StartPosition", position_json(statement->begin)},
                        {"EndPosition", position_json(statement->end)}});
    return list;
}

Json missing_json(const Simulation& simulation) {
    Json list = Json::array();
    for (const std::string& name : simulation.read_keys)
        if (!simulation.keys.contains(base::lower_case(name))) list.push_back(name);
    return list;
}

/// Applies the policies of the levels of the organization, each of which must allow. Returns true if all do.
bool apply_organization(const Simulation& simulation, const Policy_Request& request, Evaluation& evaluation) {
    bool allowed = true;
    for (const Policies& level : simulation.organization) {
        Evaluation of_level = evaluate(level, request);
        if (of_level.decision == Decision::allowed) continue;
        allowed = false;
        if (evaluation.decision == Decision::explicit_deny) continue;
        evaluation.decision = of_level.decision;
        evaluation.matched = std::move(of_level.matched);
    }
    return allowed;
}

/// The caller's account: its id and its root.
Policy_Principals account_of_caller(const std::string& arn) {
    const std::string id = account_in(arn);
    return {{id}, {wire::Arn{wire::partition_in(arn), "iam", "", id, "root"}.text()}};
}

Json result_json(const Simulation& simulation, const std::string& action, const std::string& resource) {
    const Policy_Request request{.action = action,
                                 .resource = resource,
                                 .keys = simulation.keys,
                                 .principals = {{simulation.caller}},
                                 .account = account_of_caller(simulation.caller)};
    Evaluation evaluation = evaluate(simulation.policies, request);
    const bool by_organization = apply_organization(simulation, request, evaluation);
    Json json{{"EvalActionName", action},
              {"EvalResourceName", resource},
              {"EvalDecision", decision_text(evaluation.decision)},
              {"MatchedStatements", matched_json(evaluation.matched)},
              {"MissingContextValues", missing_json(simulation)}};
    if (!simulation.organization.empty())
        json["OrganizationsDecisionDetail"] = {{"AllowedByOrganizations", by_organization}};
    if (evaluation.allowed_by_boundary)
        json["PermissionsBoundaryDecisionDetail"] = {{"AllowedByPermissionsBoundary", *evaluation.allowed_by_boundary}};
    return json;
}

/// Limits the work of one request: results, and bytes of policies that are read for them.
std::optional<Error> too_much(const Call& call, std::size_t actions, std::size_t resources) {
    constexpr std::size_t results_max = 10'000, bytes_max = 64 << 20;
    const std::size_t results = actions * resources;
    if (results > results_max)
        return bad_simulation(fmt::format("Invalid Input: {} actions and {} resources have {} results: at most {}",
                                          actions, resources, results, results_max));
    if (call.request.body.bytes().size() * results > bytes_max)
        return bad_simulation("Invalid Input: the policies and the context are too large for so many results");
    return std::nullopt;
}

/// Evaluates each action with each resource.
Result<Json> simulate(const Call& call, const Simulation& simulation) {
    const auto actions = call.fields().texts("ActionNames");
    auto resources = call.fields().texts("ResourceArns");
    if (resources.empty()) resources.emplace_back("*");
    if (auto error = too_much(call, actions.size(), resources.size())) return *error;
    Iam_Page page(call, "EvaluationResults");
    std::size_t position = 0;
    for (const std::string& action : actions) {
        if (action.find(':') == std::string::npos)
            return bad_simulation(
                fmt::format("Invalid Input: {} is not an action: expected a name like s3:GetObject", action));
        for (const std::string& resource : resources)
            page.add(position++, [&] { return result_json(simulation, action, resource); });
    }
    return std::move(page).output();
}

Result<Json> simulate_custom(Iam&, const Call& call) {
    Simulation simulation;
    OSBOT_TRY(add_input(call, simulation));
    return simulate(call, simulation);
}

Result<const Principal*> source_of(const Iam& iam, const Call& call) {
    const std::string arn = call.fields().text_or("PolicySourceArn");
    if (!arn.starts_with("arn:"))
        return bad_simulation(fmt::format("Invalid Entity Arn: {} does not clearly define entity type and name.", arn));
    const Principal* principal = iam.principal_by_arn(arn);
    if (principal == nullptr || principal->account != call.account.id)
        return Error{"NoSuchEntity", fmt::format("Entity {} cannot be found.", arn), 404};
    return principal;
}

Result<Json> simulate_principal(Iam& iam, const Call& call) {
    OSBOT_TRY(const Principal* source, source_of(iam, call));
    Simulation simulation;
    simulation.policies.identity = identity_policies(iam, *source);
    simulation.policies.boundary = boundary_of(iam, *source);
    simulation.keys = principal_keys(*source);
    simulation.caller = source->arn;
    OSBOT_TRY(add_input(call, simulation));
    return simulate(call, simulation);
}

Result<Json> context_keys(const Policies& policies) {
    std::set<std::string> names;
    add_keys_of(policies, names);
    return Json{{"ContextKeyNames", names}};
}

Result<Json> context_keys_for_custom(Iam&, const Call& call) {
    Policies policies;
    OSBOT_TRY(add_documents(call, "PolicyInputList", policies));
    return context_keys(policies);
}

Result<Json> context_keys_for_principal(Iam& iam, const Call& call) {
    OSBOT_TRY(const Principal* source, source_of(iam, call));
    Policies policies = identity_policies(iam, *source);
    OSBOT_TRY(add_documents(call, "PolicyInputList", policies));
    return context_keys(policies);
}

}  // namespace

Operations iam_simulation_operations(Iam& iam) {
    Operations all{iam,
                   {{"GetContextKeysForCustomPolicy", &context_keys_for_custom},
                    {"GetContextKeysForPrincipalPolicy", &context_keys_for_principal},
                    {"SimulateCustomPolicy", &simulate_custom},
                    {"SimulatePrincipalPolicy", &simulate_principal}}};
    all.reject({{"SimulateCustomPolicy", "ResourceHandlingOption"},  // of EC2
                {"SimulatePrincipalPolicy", "ResourceHandlingOption"},
                {"SimulatePrincipalPolicy", "PolicyExclusionList"}});
    return all;
}

}  // namespace osbot_aws::services

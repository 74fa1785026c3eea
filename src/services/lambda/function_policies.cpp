// Resource-based policies of functions: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
#include "services/lambda/function_policies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "services/iam/policy/resource_document.hpp"
#include "services/lambda/function_rules.hpp"
#include "wire/account_id.hpp"

namespace osbot_aws::services {
namespace {

Error policy_revision_mismatch() {
    return {"PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the "
            "latest Revision Id",
            412};
}

/// The error of RemovePermission. Its messages are copied from localstack's lambda_/provider.py.
Error no_policy(const Account& account, std::string_view name, std::string_view) {
    return {"ResourceNotFoundException", fmt::format("No policy found for: {}", arn_of(account, name)), 404};
}

/// Source of the message:
/// https://dev.to/prithvijj/resolving-provided-principal-was-invalid-for-awslambdapermission-49jp
Result<Json> principal_of(const std::string& principal, const Account& owner) {
    if (principal == "*") return Json("*");
    if (wire::is_account_id(principal)) return Json{{"AWS", Account{principal, owner.region}.root_arn()}};
    if (is_principal({principal, Principal_Type::aws})) return Json{{"AWS", principal}};
    if (is_principal({principal, Principal_Type::service})) return Json{{"Service", principal}};
    return invalid("The provided principal was invalid. Please check the principal and try again.");
}

Result<Json> statement_of(const Add_Permission& request, const Account& owner, const std::string& resource) {
    OSBOT_TRY(auto principal, principal_of(request.principal, owner));
    Json condition = Json::object();
    if (!request.source_arn.empty()) condition["ArnLike"]["AWS:SourceArn"] = request.source_arn;
    if (!request.source_account.empty()) condition["StringEquals"]["AWS:SourceAccount"] = request.source_account;
    if (!request.principal_org_id.empty()) condition["StringEquals"]["aws:PrincipalOrgID"] = request.principal_org_id;
    if (!request.event_source_token.empty())
        condition["StringEquals"]["lambda:EventSourceToken"] = request.event_source_token;
    if (!request.function_url_auth_type.empty()) {
        condition["StringEquals"]["lambda:FunctionUrlAuthType"] = request.function_url_auth_type;
    }
    if (request.invoked_via_function_url) condition["Bool"]["lambda:InvokedViaFunctionUrl"] = "true";
    Json statement = {{"Sid", request.statement_id},
                      {"Effect", "Allow"},
                      {"Principal", std::move(principal)},
                      {"Action", request.action},
                      {"Resource", resource}};
    if (!condition.empty()) statement["Condition"] = std::move(condition);
    return statement;
}

std::string id_of(const Json& statement) { return statement.value("Sid", ""); }

/// Returns the statements of a policy.
Result<std::vector<Json>> checked_statements(const std::string& text) {
    if (const auto fault = fault_in_policy(text, {.needs_statement = false})) {
        const std::string detail = fault->detail.empty() ? "" : ": " + fault->detail;
        return invalid(fmt::format("The policy is not valid: {}{}", fault->message, detail));
    }
    const Json statements = base::parse_json(text).at("Statement");
    return statements.is_object() ? std::vector{statements} : statements.get<std::vector<Json>>();
}

}  // namespace

Result<Json> Function_Policies::add(const Account& account, const Add_Permission& request) {
    std::string_view qualifier = request.qualifier;
    OSBOT_TRY(auto* found, registry_.record(account, request.name, &qualifier));
    if (qualifier == "$LATEST") { return invalid("We currently do not support adding policies for $LATEST."); }
    Function_Record& record = *found;
    if (!Function_Registry::version(record, qualifier))
        return unknown_qualifier(record.account, record.latest->name, qualifier);
    const std::string key(qualifier);
    if (!request.revision_id.empty() && request.revision_id != record.policy_revisions[key])
        return policy_revision_mismatch();
    if (!request.function_url_auth_type.empty() && request.action != "lambda:InvokeFunctionUrl") {
        return invalid("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action");
    }
    const auto existing = record.statements.find(key);
    if (existing != record.statements.end() && std::ranges::count(existing->second, request.statement_id, &id_of) > 0)
        return conflict(fmt::format(
            "The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing "
            "statement.",
            request.statement_id));
    OSBOT_TRY(auto added, statement_of(request, record.account, qualified_arn(*record.latest, qualifier)));
    record.statements[key].push_back(added);
    record.policy_revisions[key] = base::uuid4();
    registry_.save(record);
    return added;
}

Result<void> Function_Policies::remove(const Account& account, std::string_view name, std::string_view statement_id,
                                       std::string_view qualifier, std::string_view revision_id) {
    OSBOT_TRY(auto* record, registry_.record(account, name, &qualifier, &no_policy));
    if (!Function_Registry::version(*record, qualifier))
        return unknown_qualifier(record->account, record->latest->name, qualifier);
    const std::string key(qualifier);
    const auto statements = record->statements.find(key);
    if (statements == record->statements.end())
        return Error{"ResourceNotFoundException", "No policy is associated with the given resource.", 404};
    auto& list = statements->second;
    const auto found_statement =
        std::find_if(list.begin(), list.end(), [&](const Json& statement) { return id_of(statement) == statement_id; });
    if (found_statement == list.end()) {
        return Error{"ResourceNotFoundException",
                     fmt::format("Statement {} is not found in resource policy.", statement_id), 404};
    }
    if (!revision_id.empty() && revision_id != record->policy_revisions[key]) return policy_revision_mismatch();
    list.erase(found_statement);
    record->policy_revisions[key] = base::uuid4();
    if (list.empty()) {
        record->statements.erase(statements);
        record->policy_revisions.erase(key);
    }
    registry_.save(*record);
    return {};
}

Result<Function_Policies::Policy> Function_Policies::find(const Account& account, std::string_view name,
                                                          std::string_view qualifier) const {
    OSBOT_TRY(auto* found, registry_.record(account, name, &qualifier));
    const auto statements = found->statements.find(std::string(qualifier));
    if (statements == found->statements.end()) return resource_not_found();
    const Json policy = {{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", statements->second}};
    return Policy{base::dump_json(policy), found->policy_revisions.at(std::string(qualifier))};
}

Result<Function_Policies::Place> Function_Policies::place(const Account& account, std::string_view arn,
                                                          std::string_view revision_id) {
    std::string_view qualifier;
    OSBOT_TRY(auto* record, registry_.record(account, arn, &qualifier));
    OSBOT_TRY(Function_Registry::version(*record, qualifier));
    std::string key(qualifier);
    const auto revision = record->policy_revisions.find(key);
    if (!revision_id.empty() && (revision == record->policy_revisions.end() || revision->second != revision_id))
        return policy_revision_mismatch();
    return Place{*record, std::move(key)};
}

Result<Function_Policies::Policy> Function_Policies::put(const Account& account, std::string_view arn,
                                                         const std::string& policy, std::string_view revision_id) {
    OSBOT_TRY(auto statements, checked_statements(policy));
    OSBOT_TRY(const Place place, this->place(account, arn, revision_id));
    if (statements.empty())
        place.record.statements.erase(place.qualifier);
    else
        place.record.statements[place.qualifier] = std::move(statements);
    const std::string revision = place.record.policy_revisions[place.qualifier] = base::uuid4();
    registry_.save(place.record);
    return Policy{policy, revision};
}

Result<void> Function_Policies::clear(const Account& account, std::string_view arn, std::string_view revision_id) {
    OSBOT_TRY(const Place place, this->place(account, arn, revision_id));
    if (place.record.statements.erase(place.qualifier) == 0) return resource_not_found();
    place.record.policy_revisions.erase(place.qualifier);
    registry_.save(place.record);
    return {};
}

namespace {

constexpr const char *url_auth_key = "lambda:functionurlauthtype", *through_url_key = "lambda:invokedviafunctionurl";

Public_Access decide_access(const Function_Record& record, const std::string& qualifier, const Policies& policies,
                            const Condition_Keys& keys) {
    const auto decide = [&](const char* action, const char* key, const char* value) {
        Condition_Keys of_action = keys;
        of_action[key] = {value};
        return decision_for_everyone(policies, std::move(of_action), action, qualified_arn(*record.latest, qualifier));
    };
    const Decision url = decide("lambda:InvokeFunctionUrl", url_auth_key, "NONE");
    const Decision invoke = decide("lambda:InvokeFunction", through_url_key, "true");
    if (url != Decision::allowed || invoke == Decision::explicit_deny) return {};
    return {.url = true, .invoke = invoke == Decision::allowed};
}

bool reads_request(const Policies& policies) {
    return std::ranges::any_of(policies, [](const auto& policy) {
        return std::ranges::any_of(policy->condition_keys(), [](const std::string& key) {
            return !base::equal_ignoring_case(key, url_auth_key) && !base::equal_ignoring_case(key, through_url_key);
        });
    });
}

/// Each change of a policy has a new revision.
const Prepared_Policy& prepared_policy(const Function_Record& record, const std::string& qualifier) {
    const auto found = record.policy_revisions.find(qualifier);
    const std::string revision = found == record.policy_revisions.end() ? "none" : found->second;
    Prepared_Policy& prepared = record.prepared_policies[qualifier];
    if (prepared.revision == revision) return prepared;
    prepared = {.revision = revision, .policies = {}, .access = {}};
    if (const auto statements = record.statements.find(qualifier); statements != record.statements.end())
        prepared.policies = policy_of_statements(statements->second);
    if (!reads_request(prepared.policies)) prepared.access = decide_access(record, qualifier, prepared.policies, {});
    return prepared;
}

}  // namespace

Policies function_policy(const Function_Record& record, const std::string& qualifier) {
    return prepared_policy(record, qualifier).policies;
}

Public_Access public_access(const Function_Record& record, const std::string& qualifier,
                            const std::function<Condition_Keys()>& keys) {
    const Prepared_Policy& prepared = prepared_policy(record, qualifier);
    return prepared.access ? *prepared.access : decide_access(record, qualifier, prepared.policies, keys());
}

bool allows_service(const Function_Record& record, const std::string& qualifier, const Service_Caller& caller,
                    base::Time now) {
    return permits_service(function_policy(record, qualifier), caller, now, "lambda:InvokeFunction",
                           qualified_arn(*record.latest, qualifier));
}

}  // namespace osbot_aws::services

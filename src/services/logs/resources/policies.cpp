// Resource policies, account policies, and the data protection and index policies of log groups. All are stored and
// returned; the engine enforces none of them.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/random.hpp"
#include "services/logs/resources/resource_operations.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
constexpr std::size_t resource_policies_max = 10;
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutIndexPolicy.html
constexpr std::size_t index_fields_max = 20;

Result<Json> parsed_policy(const std::string& document) {
    Json policy = base::parse_json(document);
    if (!policy.is_object()) return bad_log_parameter("The policy document is not valid: expected a JSON object.");
    return policy;
}

// ---- resource policies ----

/// The name of a policy in the store: a policy of one resource has the resource's ARN.
std::string policy_key(const aws::Fields& fields) {
    return fields.text("resourceArn").value_or(fields.text_or("policyName"));
}

Error no_policy(const std::string& name) {
    return log_resource_not_found(fmt::format("Policy with name [{}] does not exist.", name));
}

Result<void> check_revision(const aws::Fields& fields, const Log_Resource* existing) {
    const auto expected = fields.text("expectedRevisionId");
    if (!expected || (existing != nullptr && existing->members.value("revisionId", "") == *expected)) return {};
    return Error{"OperationAbortedException", "The expectedRevisionId is not the current revision of the policy."};
}

/// Returns a policy as DescribeResourcePolicies has it: with a version, and principals without lists of one.
/// Recorded: LocalStack, tests/aws/services/logs/test_logs_policies.snapshot.json, test_describe_resource_policies
Json persisted_policy(Json policy) {
    policy.emplace("Version", "2008-10-17");
    if (!policy.contains("Statement") || !policy["Statement"].is_array()) return policy;
    for (Json& statement : policy["Statement"]) {
        if (!statement.is_object() || !statement.contains("Principal") || !statement["Principal"].is_object()) continue;
        for (auto& [type, names] : statement["Principal"].items())
            if (names.is_array() && names.size() == 1) names = Json(names.front());
    }
    return policy;
}

Result<Json> put_resource_policy(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const std::string name = policy_key(fields);
    if (name.empty()) return bad_log_parameter("A policyName or a resourceArn is required.");
    const Json document = base::parse_json(fields.text_or("policyDocument"));
    if (!document.is_object()) return bad_log_parameter("Could not convert to persistable policy.");
    const Log_Resource* existing = logs.resources().find(call.account, log_kinds::resource_policy, name);
    OSBOT_TRY(check_revision(fields, existing));
    if (existing == nullptr &&
        logs.resources().list(call.account, log_kinds::resource_policy).size() >= resource_policies_max)
        return log_limit_exceeded();
    Json members = members_of_input(call, {"policyName", "policyDocument", "resourceArn"});
    members["lastUpdatedTime"] = update_time_ms(logs.context(), existing, "lastUpdatedTime");
    members["policyScope"] = fields.has("resourceArn") ? "RESOURCE" : "ACCOUNT";
    Json output = Json::object();
    if (fields.has("resourceArn")) output["revisionId"] = members["revisionId"] = base::uuid4();
    output["resourcePolicy"] = members;
    if (const Json persisted = persisted_policy(document); persisted != document)
        members["policyDocument"] = base::dump_json(persisted);
    logs.resources().put({.account = call.account,
                          .kind = std::string(log_kinds::resource_policy),
                          .name = name,
                          .members = std::move(members)});
    return output;
}

Result<Json> describe_resource_policies(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const auto arn = fields.text("resourceArn");
    const std::string scope = fields.text_or("policyScope", arn ? "RESOURCE" : "ACCOUNT");
    auto policies = logs.resources().list(call.account, log_kinds::resource_policy);
    std::erase_if(policies, [&](const Log_Resource* each) {
        return each->members.value("policyScope", "") != scope || (arn && each->name != *arn);
    });
    return resource_page(call, {.list = "resourcePolicies"}, policies);
}

Result<Json> delete_resource_policy(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const std::string name = policy_key(fields);
    const Log_Resource* existing = logs.resources().find(call.account, log_kinds::resource_policy, name);
    if (existing == nullptr) return no_policy(name);
    OSBOT_TRY(check_revision(fields, existing));
    logs.resources().erase(call.account, log_kinds::resource_policy, name);
    return Json::object();
}

// ---- account policies ----

std::string account_policy_name(const aws::Fields& fields) {
    return fmt::format("{}:{}", fields.text_or("policyType"), fields.text_or("policyName"));
}

Result<Json> put_account_policy(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(parsed_policy(fields.text_or("policyDocument")));
    const std::string name = account_policy_name(fields);
    const Log_Resource* existing = logs.resources().find(call.account, log_kinds::account_policy, name);
    Json members = members_of_input(call, {"policyName", "policyDocument", "policyType", "scope", "selectionCriteria"});
    if (!members.contains("scope")) members["scope"] = "ALL";
    members["accountId"] = call.account.id;
    members["lastUpdatedTime"] = update_time_ms(logs.context(), existing, "lastUpdatedTime");
    Json output{{"accountPolicy", members}};
    logs.resources().put({.account = call.account,
                          .kind = std::string(log_kinds::account_policy),
                          .name = name,
                          .members = std::move(members)});
    return output;
}

Result<Json> describe_account_policies(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const auto name = fields.text("policyName");
    const auto accounts = fields.texts("accountIdentifiers");
    auto policies = logs.resources().list(call.account, log_kinds::account_policy, fields.text_or("policyType") + ":");
    std::erase_if(policies,
                  [&](const Log_Resource* each) { return name && each->members.value("policyName", "") != *name; });
    if (!accounts.empty() && std::ranges::count(accounts, call.account.id) == 0) policies.clear();
    return resource_page(call, {.list = "accountPolicies"}, policies);
}

Result<Json> delete_account_policy(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    if (logs.resources().erase(call.account, log_kinds::account_policy, account_policy_name(fields)))
        return Json::object();
    return no_policy(fields.text_or("policyName"));
}

// ---- policies of log groups ----

/// Returns the group that the operation identifies.
Result<const Log_Group*> identified_group(Logs& logs, const Call& call) {
    return logs.group(call.account, log_group_name(call.account, call.fields().text_or("logGroupIdentifier")));
}

/// Stores the policy of a group and returns its members.
Result<Json> put_group_policy(Logs& logs, const Call& call, std::string_view kind, const char* time) {
    OSBOT_TRY(const Log_Group* group, identified_group(logs, call));
    const Log_Resource* existing = logs.resources().find(call.account, kind, group->name);
    Json members = members_of_input(call, {"logGroupIdentifier", "policyDocument"});
    members[time] = update_time_ms(logs.context(), existing, time);
    logs.resources().put({.account = call.account, .kind = std::string(kind), .name = group->name, .members = members});
    return members;
}

Result<Json> put_data_protection_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(parsed_policy(call.fields().text_or("policyDocument")));
    return put_group_policy(logs, call, log_kinds::data_protection_policy, "lastUpdatedTime");
}

Result<Json> get_data_protection_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(const Log_Group* group, identified_group(logs, call));
    const Log_Resource* found = logs.resources().find(call.account, log_kinds::data_protection_policy, group->name);
    return found == nullptr ? Json::object() : found->members;
}

Result<Json> delete_data_protection_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(const Log_Group* group, identified_group(logs, call));
    logs.resources().erase(call.account, log_kinds::data_protection_policy, std::string(group->name));
    return Json::object();
}

/// Returns the names in {"Fields": ["name"]}.
Result<std::vector<std::string>> index_fields(const std::string& document) {
    OSBOT_TRY(const Json policy, parsed_policy(document));
    const Json fields = policy.value("Fields", Json());
    std::vector<std::string> names;
    for (const Json& each : fields)
        if (each.is_string()) names.push_back(each.get<std::string>());
    if (!fields.is_array() || names.size() != fields.size() || names.size() > index_fields_max)
        return bad_log_parameter(
            fmt::format("The policy document is not valid: Fields is a list of at most {} names.", index_fields_max));
    return names;
}

Result<Json> put_index_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(index_fields(call.fields().text_or("policyDocument")));
    OSBOT_TRY(Json members, put_group_policy(logs, call, log_kinds::index_policy, "lastUpdateTime"));
    members["source"] = "LOG_GROUP";
    return Json{{"indexPolicy", std::move(members)}};
}

/// Returns the index policies of the groups that the operation identifies.
Result<std::vector<const Log_Resource*>> index_policies(Logs& logs, const Call& call) {
    std::vector<const Log_Resource*> policies;
    for (const std::string& identifier : call.fields().texts("logGroupIdentifiers")) {
        OSBOT_TRY(const Log_Group* group, logs.group(call.account, log_group_name(call.account, identifier)));
        const Log_Resource* found = logs.resources().find(call.account, log_kinds::index_policy, group->name);
        if (found != nullptr) policies.push_back(found);
    }
    return policies;
}

Result<Json> describe_index_policies(Logs& logs, const Call& call) {
    OSBOT_TRY(const auto policies, index_policies(logs, call));
    Json output = resource_page(call, {.list = "indexPolicies"}, policies);
    for (Json& each : output["indexPolicies"]) each["source"] = "LOG_GROUP";
    return output;
}

Result<Json> describe_field_indexes(Logs& logs, const Call& call) {
    OSBOT_TRY(const auto policies, index_policies(logs, call));
    const auto categories = call.fields().texts("indexCategories");
    const bool selected = categories.empty() || std::ranges::count(categories, "CUSTOM") > 0;
    Json indexes = Json::array();
    for (const Log_Resource* policy : policies) {
        OSBOT_TRY(const auto names, index_fields(policy->members.value("policyDocument", "")));
        for (const std::string& name : names)
            if (selected && name > call.fields().text_or("nextToken"))
                indexes.push_back({{"logGroupIdentifier", log_group_arn(call.account, policy->name)},
                                   {"fieldIndexName", name},
                                   {"type", "FIELD_INDEX"},
                                   {"indexCategory", "CUSTOM"}});
    }
    return Json{{"fieldIndexes", std::move(indexes)}};
}

Result<Json> delete_index_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(const Log_Group* group, identified_group(logs, call));
    if (logs.resources().erase(call.account, log_kinds::index_policy, std::string(group->name))) return Json::object();
    return log_resource_not_found("No index policy found for the specified log group.");
}

}  // namespace

Operations log_policy_operations(Logs& logs) {
    Operations all{logs,
                   {{"DeleteAccountPolicy", &delete_account_policy},
                    {"DeleteDataProtectionPolicy", &delete_data_protection_policy},
                    {"DeleteIndexPolicy", &delete_index_policy},
                    {"DeleteResourcePolicy", &delete_resource_policy},
                    {"DescribeAccountPolicies", &describe_account_policies},
                    {"DescribeFieldIndexes", &describe_field_indexes},
                    {"DescribeIndexPolicies", &describe_index_policies},
                    {"DescribeResourcePolicies", &describe_resource_policies},
                    {"GetDataProtectionPolicy", &get_data_protection_policy},
                    {"PutAccountPolicy", &put_account_policy},
                    {"PutDataProtectionPolicy", &put_data_protection_policy},
                    {"PutIndexPolicy", &put_index_policy},
                    {"PutResourcePolicy", &put_resource_policy}}};
    all.reject({{"PutAccountPolicy", "dryRun"}, {"DeleteAccountPolicy", "dryRun"}});  // of retention policies
    return all;
}

}  // namespace osbot_aws::services

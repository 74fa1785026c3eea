#include "services/sqs/permissions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "services/sqs/sqs_errors.hpp"
#include "wire/account_id.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
constexpr std::size_t actions_max = 7, statements_max = 20, accounts_max = 50, label_length_max = 80;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
constexpr std::string_view shared_actions[] = {
    "*",           "ChangeMessageVisibility",    "DeleteMessage", "GetQueueAttributes",
    "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue",    "ReceiveMessage",
    "SendMessage"};

Error over_limit(std::size_t count, std::string_view what, std::size_t max) {
    return {"OverLimit", fmt::format("{} {} were found, maximum allowed is {}.", count, what, max), 403};
}

/// The messages are those of moto, sqs/exceptions.py.
std::optional<Error> check_permission(const Permission& permission) {
    if (permission.label.empty() || permission.label.size() > label_length_max ||
        !base::all_name_characters(permission.label))
        return invalid_parameter("Label", permission.label,
                                 "Label can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in "
                                 "length.");
    if (permission.actions.empty()) return missing_parameter("Actions");
    if (permission.actions.size() > actions_max) return over_limit(permission.actions.size(), "Actions", actions_max);
    if (permission.accounts.size() > accounts_max)
        return over_limit(permission.accounts.size(), "Principals", accounts_max);
    const auto account = std::ranges::find_if_not(permission.accounts, &wire::is_account_id);
    if (permission.accounts.empty() || account != permission.accounts.end())
        return invalid_parameter("PrincipalId", permission.accounts.empty() ? "[]" : fmt::format("[{}]", *account),
                                 "Unable to verify.");
    for (const std::string& action : permission.actions)
        if (std::ranges::find(shared_actions, action) == std::end(shared_actions))
            return invalid_parameter("ActionName", "SQS:" + action,
                                     "Only the queue owner is allowed to invoke this action.");
    return std::nullopt;
}

/// Returns the policy of a queue, with a list of statements.
Json policy_of(const Queue& queue) {
    const auto text = queue.attributes.find("Policy");
    Json policy = text == queue.attributes.end() ? Json() : base::parse_json(text->second);
    if (!policy.is_object()) policy = {{"Version", "2008-10-17"}, {"Id", queue.arn + "/SQSDefaultPolicy"}};
    Json& statements = policy["Statement"];
    if (statements.is_object()) statements = Json::array({std::move(statements)});
    if (!statements.is_array()) statements = Json::array();
    return policy;
}

Json::iterator find_statement(Json& statements, std::string_view label) {
    return std::find_if(statements.begin(), statements.end(), [&](const Json& each) {
        const auto sid = each.is_object() ? each.find("Sid") : each.end();
        return each.is_object() && sid != each.end() && *sid == label;
    });
}

/// A single value is not in a list: localstack, test_sqs.snapshot.json, test_sqs_permission_lifecycle
Json value_of(const std::vector<std::string>& values) { return values.size() == 1 ? Json(values[0]) : Json(values); }

}  // namespace

Policies queue_policy(const Queue& queue) {
    const auto text = queue.attributes.find("Policy");
    return text == queue.attributes.end() ? Policies() : resource_policies(text->second);
}

Result<std::string> with_permission(const Queue& queue, const Permission& permission) {
    if (auto error = check_permission(permission)) return *error;
    Json policy = policy_of(queue);
    Json& statements = policy["Statement"];
    if (find_statement(statements, permission.label) != statements.end())
        return invalid_parameter("Label", permission.label, "Already exists.");
    if (statements.size() >= statements_max) return over_limit(statements.size() + 1, "Statements", statements_max);
    std::vector<std::string> principals, actions;
    for (const std::string& account : permission.accounts)
        principals.push_back(Account{account, queue.account.region}.root_arn());
    for (const std::string& action : permission.actions) actions.push_back("SQS:" + action);
    statements.push_back({{"Sid", permission.label},
                          {"Effect", "Allow"},
                          {"Principal", {{"AWS", value_of(principals)}}},
                          {"Action", value_of(actions)},
                          {"Resource", queue.arn}});
    return base::dump_json(policy);
}

Result<std::string> without_permission(const Queue& queue, std::string_view label) {
    Json policy = policy_of(queue);
    Json& statements = policy["Statement"];
    const auto statement = find_statement(statements, label);
    if (statement == statements.end()) return invalid_parameter("Label", label, "can't find label.");
    statements.erase(statement);
    return statements.empty() ? std::string() : base::dump_json(policy);
}

}  // namespace osbot_aws::services

#include "services/access/access_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"

namespace osbot_aws::services {
namespace {

/// Returns true if a list of names, separated by spaces, has a name.
bool has_name(std::string_view list, std::string_view name) {
    for (std::size_t at = list.find(name); at != std::string_view::npos; at = list.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        const bool begins = at == 0 || list[at - 1] == ' ', ends = end == list.size() || list[end] == ' ';
        if (begins && ends) return true;
    }
    return false;
}

std::string_view action_of(const Access_Rules& rules, std::string_view operation, const Access_Input& input) {
    for (const Renamed_Action& each : rules.renamed)
        if (each.operation == operation && (each.with.empty() || input.call.fields().has(each.with)))
            return each.action;
    return operation;
}

/// Returns true if the input has one of the members, and not only flags that are false.
bool has_one(const aws::Fields& fields, std::string_view members) {
    while (!members.empty()) {
        const std::string_view member = base::take_until(members, ' ');
        if (fields.has(member) && fields.json().at(member) != Json(false)) return true;
    }
    return false;
}

}  // namespace

std::string Access_Input::regional(std::string_view service, std::string_view resource) const {
    return call.account.arn(service, resource);
}

std::string Access_Input::global(std::string_view service, std::string_view resource) const {
    return call.account.global_arn(service, resource);
}

Resources_Of Access_Rules::resources_of(std::string_view operation) const {
    const auto found = std::ranges::find_if(
        groups, [&](const Resource_Group& group) { return has_name(group.operations, operation); });
    return found == groups.end() ? nullptr : found->resources;
}

bool Access_Rules::is_unchecked(std::string_view operation) const { return has_name(unchecked, operation); }
bool Access_Rules::is_own_account_only(std::string_view operation) const {
    return has_name(own_account_only, operation);
}

const Access_Rules& access_rules_of(const aws::Service& service) {
    constexpr std::pair<std::string_view, const Access_Rules& (*)()> all[] = {
        {"iam", &iam_access_rules}, {"lambda", &lambda_access_rules}, {"logs", &logs_access_rules},
        {"s3", &s3_access_rules},   {"sqs", &sqs_access_rules},       {"sts", &sts_access_rules}};
    for (const auto& [name, rules] : all)
        if (service.name == name) return rules();
    static constexpr Access_Rules none{};
    return none;
}

std::vector<Required_Action> required_actions(const aws::Service& service, const aws::Operation& operation,
                                              const Access_Input& input) {
    const Access_Rules& rules = access_rules_of(service);
    std::vector<Required_Action> required;
    if (!rules.is_unchecked(operation.name)) {
        // An operation without a rule requires permission for all resources.
        const Resources_Of resources = rules.resources_of(operation.name);
        const std::string action = fmt::format("{}:{}", rules.prefix, action_of(rules, operation.name, input));
        const bool is_own_account_only = rules.is_own_account_only(operation.name);
        for (Resource& resource : resources == nullptr ? any_resource(input) : resources(input))
            required.push_back({.action = action,
                                .resource = std::move(resource.arn),
                                .version = std::move(resource.version),
                                .is_own_account_only = is_own_account_only});
    }
    for (const Additional_Action& each : rules.additional) {
        if (each.operation != operation.name || !has_one(input.call.fields(), each.members)) continue;
        for (Resource& resource : each.resources(input))
            required.push_back({std::string(each.action), std::move(resource.arn), std::move(resource.version)});
    }
    return required;
}

}  // namespace osbot_aws::services

#include "services/iam/policies_of.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace osbot_aws::services {
namespace {

void add_policies_of(const Iam& iam, const Principal& principal, const std::string& kind, Policies& policies) {
    for (const auto& [name, document] : principal.inline_policies)
        policies.push_back(Named_Policy::parse(kind + "_" + principal.name + "_" + name, "IAM Policy", document));
    for (const std::string& arn : principal.attached)
        if (const Policy* policy = iam.attached_policy(principal.account, arn))
            policies.push_back(Named_Policy::parse(policy->name, "IAM Policy", policy->document()));
}

}  // namespace

Policies identity_policies(const Iam& iam, const Principal& principal) {
    Policies policies;
    add_policies_of(iam, principal, std::string(principal.type()), policies);
    if (principal.type() != User::kind.word) return policies;
    const auto& ids = static_cast<const User&>(principal).group_ids;
    for (const auto& [name, each] : iam.all<Group>().of(scope_of(principal)))
        if (std::ranges::find(ids, each.id) != ids.end()) add_policies_of(iam, each, "group", policies);
    return policies;
}

std::optional<Policies> boundary_of(const Iam& iam, const Principal& principal) {
    if (principal.permissions_boundary.empty()) return std::nullopt;
    Policies policies;
    if (const Policy* policy = iam.attached_policy(principal.account, principal.permissions_boundary))
        policies.push_back(Named_Policy::parse(policy->name, "IAM Policy", policy->document()));
    return policies;
}

Condition_Keys principal_keys(const Principal& principal) {
    Condition_Keys keys{{"aws:principalarn", {principal.arn}},
                        {"aws:principalaccount", {principal.account}},
                        {"aws:userid", {principal.id}}};
    const bool is_user = principal.type() == User::kind.word;
    keys["aws:principaltype"] = {is_user ? "User" : "AssumedRole"};
    if (is_user) keys["aws:username"] = {principal.name};
    for (const auto& [key, value] : principal.tags) keys["aws:principaltag/" + base::lower_case(key)] = {value};
    return keys;
}

}  // namespace osbot_aws::services

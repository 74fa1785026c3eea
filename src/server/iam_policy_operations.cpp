// IAM's actions for managed policies and for the account.
#include "server/iam_operations.hpp"

namespace osbot_aws::server {
namespace {

using engine::Account;
using engine::Iam;
using engine::Policy;
using engine::Role;
using wire::add_element;
using Query = wire::Query_Request;
using Node = pugi::xml_node;

std::string version_id(int number) { return "v" + std::to_string(number); }

void show(Node at, const Iam& iam, const Account& account, const Policy& policy, bool listed) {
    add_element(at, "PolicyName", policy.name);
    add_element(at, "PolicyId", policy.id);
    add_element(at, "Arn", policy.arn);
    add_element(at, "Path", policy.path);
    add_element(at, "DefaultVersionId", version_id(policy.default_version));
    add_element(at, "AttachmentCount", std::to_string(iam.attached_to(account, policy.arn).size()));
    add_element(at, "PermissionsBoundaryUsageCount", std::to_string(iam.bounded_by(account, policy.arn).size()));
    add_element(at, "IsAttachable", true);
    add_element(at, "CreateDate", policy.created_at);
    add_element(at, "UpdateDate", policy.updated_at);
    if (listed) return;  // API_ListPolicies: no description, no tags
    if (!policy.description.empty()) add_element(at, "Description", policy.description);
    if (!policy.tags.empty()) show_iam_tags(at, policy.tags);
}

void show_version(Node at, const engine::Policy_Version& version, bool is_default, bool with_document) {
    if (with_document) add_element(at, "Document", wire::percent_encode(version.document));
    add_element(at, "VersionId", version_id(version.number));
    add_element(at, "IsDefaultVersion", is_default);
    add_element(at, "CreateDate", version.created_at);
}

/// Returns a parameter that is "" or one of `allowed`. Errors: ValidationError.
Result<std::string> choice(const Query& query, const char* name, const char* member,
                           std::initializer_list<std::string_view> allowed) {
    const auto value = query.text(name);
    if (value.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
    std::string all;
    for (const auto allowed_value : allowed) all.append(all.empty() ? "" : ", ").append(allowed_value);
    return engine::unsatisfied_iam(value, member, "Member must satisfy enum value set: [" + all + "]");
}

Result<void> create_policy(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto path = query.text("Path");
    const auto policy = iam.create_policy(account, {.name = query.text("PolicyName"),
                                                    .path = path.empty() ? "/" : path,
                                                    .document = query.text("PolicyDocument"),
                                                    .description = query.text("Description"),
                                                    .tags = query.pairs("Tags")});
    if (!policy) return policy.error();
    show(result.append_child("Policy"), iam, account, *policy, false);
    return {};
}

Result<void> get_policy(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto policy = iam.policy(account, query.text("PolicyArn"));
    if (!policy) return policy.error();
    show(result.append_child("Policy"), iam, account, *policy, false);
    return {};
}

std::vector<const Policy*> policies_of(const Iam& iam, const Account& account, const std::string& scope,
                                       const std::string& prefix) {
    std::vector<const Policy*> policies;
    if (scope != "AWS") policies = iam.policies(account, prefix);
    for (const auto& policy : Iam::aws_policies()) {
        if (scope != "Local" && policy.path.starts_with(prefix)) policies.push_back(&policy);
    }
    std::ranges::sort(policies, {}, &Policy::arn);
    return policies;
}

Result<void> list_policies(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto scope = choice(query, "Scope", "scope", {"All", "AWS", "Local"});
    if (!scope) return scope.error();
    const auto usage =
        choice(query, "PolicyUsageFilter", "policyUsageFilter", {"PermissionsPolicy", "PermissionsBoundary"});
    if (!usage) return usage.error();
    auto policies = policies_of(iam, account, *scope, query.text("PathPrefix"));
    const bool only_used = query.text("OnlyAttached") == "true" || !usage->empty();
    std::erase_if(policies, [&](const Policy* policy) {
        return only_used && (*usage == "PermissionsBoundary" ? iam.bounded_by(account, policy->arn)
                                                             : iam.attached_to(account, policy->arn))
                                .empty();
    });
    return show_iam_page(
        query, result, "Policies", policies, [](const Policy* policy) { return policy->arn; },
        [&](Node at, const Policy* policy) { show(at, iam, account, *policy, true); });
}

Result<void> delete_policy(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.delete_policy(account, query.text("PolicyArn"));
}

Result<void> create_policy_version(Iam& iam, const Account& account, const Query& query, Node result) {
    const bool as_default = query.text("SetAsDefault") == "true";
    const auto version = iam.create_version(account, query.text("PolicyArn"), query.text("PolicyDocument"), as_default);
    if (!version) return version.error();
    show_version(result.append_child("PolicyVersion"), *version, as_default, false);
    return {};
}

Result<void> get_policy_version(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto arn = query.text("PolicyArn");
    const auto version = iam.version(account, arn, query.text("VersionId"));
    if (!version) return version.error();
    const bool is_default = iam.policy(account, arn)->default_version == version->number;
    show_version(result.append_child("PolicyVersion"), *version, is_default, true);
    return {};
}

Result<void> list_policy_versions(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto policy = iam.policy(account, query.text("PolicyArn"));
    if (!policy) return policy.error();
    // Newest first, as on AWS. The marker is a name that increases with the position in the list.
    std::vector<engine::Policy_Version> newest_first(policy->versions.rbegin(), policy->versions.rend());
    const auto marker_of = [&](const engine::Policy_Version& version) {
        auto digits = std::to_string(policy->last_version - version.number);
        return std::string(10 - digits.size(), '0') + digits;
    };
    return show_iam_page(query, result, "Versions", newest_first, marker_of,
                         [&](Node at, const engine::Policy_Version& version) {
                             show_version(at, version, version.number == policy->default_version, false);
                         });
}

Result<void> set_default_policy_version(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.set_default_version(account, query.text("PolicyArn"), query.text("VersionId"));
}

Result<void> delete_policy_version(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.delete_version(account, query.text("PolicyArn"), query.text("VersionId"));
}

Result<void> tag_policy(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.tag_policy(account, query.text("PolicyArn"), query.pairs("Tags"));
}

Result<void> untag_policy(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.untag_policy(account, query.text("PolicyArn"), query.texts("TagKeys"));
}

Result<void> list_policy_tags(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto policy = iam.policy(account, query.text("PolicyArn"));
    if (!policy) return policy.error();
    return show_iam_tag_page(query, result, policy->tags);
}

Result<void> list_entities(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto arn = query.text("PolicyArn"), prefix = query.text("PathPrefix");
    const auto kind = choice(query, "EntityFilter", "entityFilter",
                             {"User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"});
    if (!kind) return kind.error();
    const auto usage =
        choice(query, "PolicyUsageFilter", "policyUsageFilter", {"PermissionsPolicy", "PermissionsBoundary"});
    if (!usage) return usage.error();
    if (const auto policy = iam.policy(account, arn); !policy) return policy.error();
    auto roles = *usage == "PermissionsBoundary" ? iam.bounded_by(account, arn) : iam.attached_to(account, arn);
    std::erase_if(roles, [&](const Role* role) {
        return !role->path.starts_with(prefix) || (!kind->empty() && *kind != "Role");
    });
    result.append_child("PolicyGroups");
    result.append_child("PolicyUsers");
    return show_iam_page(
        query, result, "PolicyRoles", roles, [](const Role* role) { return role->name; },
        [](Node at, const Role* role) {
            add_element(at, "RoleName", role->name);
            add_element(at, "RoleId", role->id);
        });
}

// ---- the account ----

Result<void> list_account_aliases(Iam&, const Account&, const Query& query, Node result) {
    return show_iam_page(
        query, result, "AccountAliases", std::vector<std::string>{}, [](const std::string& alias) { return alias; },
        [](Node at, const std::string& alias) { at.text().set(alias.c_str()); });
}

/// Returns an empty list: instance profiles are not supported. Terraform and CloudFormation call this before they
/// delete a role.
Result<void> list_instance_profiles_for_role(Iam& iam, const Account& account, const Query& query, Node result) {
    if (const auto role = iam.role(account, query.text("RoleName")); !role) return role.error();
    return show_iam_page(
        query, result, "InstanceProfiles", std::vector<std::string>{}, [](const std::string& name) { return name; },
        [](Node, const std::string&) {});
}

/// Returns the entity counts, without the quotas.
Result<void> get_account_summary(Iam& iam, const Account& account, const Query&, Node result) {
    auto map = result.append_child("SummaryMap");
    const auto add = [&](const char* key, std::size_t count) {
        auto entry = map.append_child("entry");
        add_element(entry, "key", key);
        add_element(entry, "value", std::to_string(count));
    };
    std::size_t versions = 0;
    const auto policies = iam.policies(account, "");
    for (const auto* policy : policies) versions += policy->versions.size();
    add("Roles", iam.roles(account, "").size());
    add("Policies", policies.size());
    add("PolicyVersionsInUse", versions);
    for (const auto* none : {"Users", "Groups", "InstanceProfiles", "ServerCertificates", "MFADevices"}) add(none, 0);
    return {};
}

}  // namespace

const Iam_Operations& iam_policy_operations() {
    static const Iam_Operations all{
        {"CreatePolicy", create_policy},
        {"GetPolicy", get_policy},
        {"ListPolicies", list_policies},
        {"DeletePolicy", delete_policy},
        {"CreatePolicyVersion", create_policy_version},
        {"GetPolicyVersion", get_policy_version},
        {"ListPolicyVersions", list_policy_versions},
        {"SetDefaultPolicyVersion", set_default_policy_version},
        {"DeletePolicyVersion", delete_policy_version},
        {"TagPolicy", tag_policy},
        {"UntagPolicy", untag_policy},
        {"ListPolicyTags", list_policy_tags},
        {"ListEntitiesForPolicy", list_entities},
    };
    return all;
}

const Iam_Operations& iam_account_operations() {
    static const Iam_Operations all{
        {"ListAccountAliases", list_account_aliases},
        {"ListInstanceProfilesForRole", list_instance_profiles_for_role},
        {"GetAccountSummary", get_account_summary},
    };
    return all;
}

}  // namespace osbot_aws::server

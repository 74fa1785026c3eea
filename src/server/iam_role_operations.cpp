// IAM's actions for roles.
#include "server/iam_operations.hpp"

namespace osbot_aws::server {
namespace {

using engine::Account;
using engine::Iam;
using engine::Role;
using wire::add_element;
using Query = wire::Query_Request;
using Node = pugi::xml_node;

std::string or_else(std::string text, const char* default_text) {
    return text.empty() ? default_text : std::move(text);
}

void show_boundary(Node at, const Role& role) {
    if (role.permissions_boundary.empty()) return;
    auto boundary = at.append_child("PermissionsBoundary");
    add_element(boundary, "PermissionsBoundaryType", "Policy");
    add_element(boundary, "PermissionsBoundaryArn", role.permissions_boundary);
}

/// Adds the elements that lists contain; other elements are omitted there (API_ListRoles).
void show_listed(Node at, const Role& role) {
    add_element(at, "Path", role.path);
    add_element(at, "RoleName", role.name);
    add_element(at, "RoleId", role.id);
    add_element(at, "Arn", role.arn);
    add_element(at, "CreateDate", role.created_at);
    // Documents are percent-encoded in IAM's responses; SDKs decode them.
    add_element(at, "AssumeRolePolicyDocument", wire::percent_encode(role.trust_policy));
    if (!role.description.empty()) add_element(at, "Description", role.description);
    add_element(at, "MaxSessionDuration", std::to_string(role.session_s_max));
}

void show(Node at, const Role& role) {
    show_listed(at, role);
    show_boundary(at, role);
    if (!role.tags.empty()) show_iam_tags(at, role.tags);
    auto used = at.append_child("RoleLastUsed");
    if (role.last_used_at.empty()) return;
    add_element(used, "LastUsedDate", role.last_used_at);
    add_element(used, "Region", role.last_used_region);
}

Result<void> create_role(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto duration = iam_number(query, "MaxSessionDuration", 3600);
    if (!duration) return duration.error();
    const auto role = iam.create_role(account, {.name = query.text("RoleName"),
                                                .path = or_else(query.text("Path"), "/"),
                                                .trust_policy = query.text("AssumeRolePolicyDocument"),
                                                .description = query.text("Description"),
                                                .session_s_max = *duration,
                                                .tags = query.pairs("Tags"),
                                                .permissions_boundary = query.text("PermissionsBoundary")});
    if (!role) return role.error();
    show(result.append_child("Role"), *role);
    return {};
}

Result<void> get_role(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto role = iam.role(account, query.text("RoleName"));
    if (!role) return role.error();
    show(result.append_child("Role"), *role);
    return {};
}

Result<void> list_roles(Iam& iam, const Account& account, const Query& query, Node result) {
    return show_iam_page(
        query, result, "Roles", iam.roles(account, query.text("PathPrefix")),
        [](const Role* role) { return role->name; }, [](Node at, const Role* role) { show_listed(at, *role); });
}

Result<engine::Role> update(Iam& iam, const Account& account, const Query& query) {
    engine::Update_Role params{.name = query.text("RoleName"), .description = {}, .session_s_max = {}};
    if (query.has("Description")) params.description = query.text("Description");
    if (query.has("MaxSessionDuration")) {
        const auto duration = iam_number(query, "MaxSessionDuration", 0);
        if (!duration) return duration.error();
        params.session_s_max = *duration;
    }
    return iam.update_role(account, params);
}

Result<void> update_role(Iam& iam, const Account& account, const Query& query, Node) {
    const auto role = update(iam, account, query);
    if (!role) return role.error();
    return {};
}

Result<void> update_role_description(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto role = update(iam, account, query);
    if (!role) return role.error();
    show(result.append_child("Role"), *role);
    return {};
}

Result<void> update_trust_policy(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.update_trust_policy(account, query.text("RoleName"), query.text("PolicyDocument"));
}

Result<void> delete_role(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.delete_role(account, query.text("RoleName"));
}

Result<void> tag_role(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.tag_role(account, query.text("RoleName"), query.pairs("Tags"));
}

Result<void> untag_role(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.untag_role(account, query.text("RoleName"), query.texts("TagKeys"));
}

Result<void> list_role_tags(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto role = iam.role(account, query.text("RoleName"));
    if (!role) return role.error();
    return show_iam_tag_page(query, result, role->tags);
}

Result<void> put_boundary(Iam& iam, const Account& account, const Query& query, Node) {
    const auto arn = query.text("PermissionsBoundary");
    if (arn.empty()) return engine::unsatisfied_iam("", "permissionsBoundary", "Member must not be null");
    return iam.set_permissions_boundary(account, query.text("RoleName"), arn);
}

Result<void> delete_boundary(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.set_permissions_boundary(account, query.text("RoleName"), "");
}

Result<void> attach(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.attach(account, query.text("RoleName"), query.text("PolicyArn"));
}

Result<void> detach(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.detach(account, query.text("RoleName"), query.text("PolicyArn"));
}

Result<void> list_attached(Iam& iam, const Account& account, const Query& query, Node result) {
    auto policies = iam.attached(account, query.text("RoleName"));
    if (!policies) return policies.error();
    const auto prefix = query.text("PathPrefix");
    std::erase_if(*policies, [&](const auto* policy) { return !policy->path.starts_with(prefix); });
    return show_iam_page(
        query, result, "AttachedPolicies", *policies, [](const engine::Policy* policy) { return policy->arn; },
        [](Node at, const engine::Policy* policy) {
            add_element(at, "PolicyName", policy->name);
            add_element(at, "PolicyArn", policy->arn);
        });
}

Result<void> put_inline(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.put_inline(account, query.text("RoleName"), query.text("PolicyName"), query.text("PolicyDocument"));
}

Result<void> get_inline(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto document = iam.inline_document(account, query.text("RoleName"), query.text("PolicyName"));
    if (!document) return document.error();
    add_element(result, "RoleName", query.text("RoleName"));
    add_element(result, "PolicyName", query.text("PolicyName"));
    add_element(result, "PolicyDocument", wire::percent_encode(*document));
    return {};
}

Result<void> list_inline(Iam& iam, const Account& account, const Query& query, Node result) {
    const auto role = iam.role(account, query.text("RoleName"));
    if (!role) return role.error();
    return show_iam_page(
        query, result, "PolicyNames", role->inline_policies, [](const auto& named) { return named.first; },
        [](Node at, const auto& named) { at.text().set(named.first.c_str()); });
}

Result<void> delete_inline(Iam& iam, const Account& account, const Query& query, Node) {
    return iam.delete_inline(account, query.text("RoleName"), query.text("PolicyName"));
}

}  // namespace

const Iam_Operations& iam_role_operations() {
    static const Iam_Operations all{
        {"CreateRole", create_role},
        {"GetRole", get_role},
        {"ListRoles", list_roles},
        {"UpdateRole", update_role},
        {"UpdateRoleDescription", update_role_description},
        {"UpdateAssumeRolePolicy", update_trust_policy},
        {"DeleteRole", delete_role},
        {"TagRole", tag_role},
        {"UntagRole", untag_role},
        {"ListRoleTags", list_role_tags},
        {"PutRolePermissionsBoundary", put_boundary},
        {"DeleteRolePermissionsBoundary", delete_boundary},
        {"AttachRolePolicy", attach},
        {"DetachRolePolicy", detach},
        {"ListAttachedRolePolicies", list_attached},
        {"PutRolePolicy", put_inline},
        {"GetRolePolicy", get_inline},
        {"ListRolePolicies", list_inline},
        {"DeleteRolePolicy", delete_inline},
    };
    return all;
}

}  // namespace osbot_aws::server

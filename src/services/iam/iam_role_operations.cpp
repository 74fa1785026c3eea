// IAM's operations for roles.
#include "base/json_object.hpp"
#include "services/iam/iam_api.hpp"

namespace osbot_aws::services {
namespace {

constexpr int session_s_default = 3600;

/// Returns the members that lists have; other members are omitted there (API_ListRoles).
Json listed_json(const Role& role) {
    Json json = base::json_object({{"Path", role.path},
                                   {"RoleName", role.name},
                                   {"RoleId", role.id},
                                   {"Arn", role.arn},
                                   {"CreateDate", role.created_at},
                                   // Documents are percent-encoded in IAM's responses; SDKs decode them.
                                   {"AssumeRolePolicyDocument", wire::percent_encode(role.trust_policy)},
                                   {"MaxSessionDuration", role.session_s_max}});
    if (!role.description.empty()) json["Description"] = role.description;
    if (role.signin_s_max) json["MaxSigninSessionDuration"] = *role.signin_s_max;
    return json;
}

Json role_json(const Role& role) {
    Json json = listed_json(role);
    if (!role.permissions_boundary.empty())
        json["PermissionsBoundary"] = {{"PermissionsBoundaryType", "Policy"},
                                       {"PermissionsBoundaryArn", role.permissions_boundary}};
    if (!role.tags.empty()) json["Tags"] = iam_tags_json(role.tags);
    Json& used = json["RoleLastUsed"] = Json::object();
    if (!role.last_used_at.empty()) used = {{"LastUsedDate", role.last_used_at}, {"Region", role.last_used_region}};
    return json;
}

Result<Json> role_output(const Result<Role>& role) {
    return role.transform([](const Role& found) { return Json{{"Role", role_json(found)}}; });
}

std::string role_name(const Call& call) { return call.fields().text_or("RoleName"); }

Result<Json> create_role(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    return role_output(iam.create_role(
        call.account, {.name = fields.text_or("RoleName"),
                       .path = fields.text_or("Path", "/"),
                       .trust_policy = fields.text_or("AssumeRolePolicyDocument"),
                       .description = fields.text_or("Description"),
                       .session_s_max = fields.integer("MaxSessionDuration").value_or(session_s_default),
                       .tags = fields.pairs("Tags"),
                       .permissions_boundary = fields.text_or("PermissionsBoundary"),
                       .signin_s_max = fields.integer("MaxSigninSessionDuration")}));
}

Result<Json> get_role(Iam& iam, const Call& call) { return role_output(iam.role(call.account, role_name(call))); }

Result<Json> list_roles(Iam& iam, const Call& call) {
    Iam_Page page(call, "Roles");
    for (const Role* role : iam.roles(call.account, call.fields().text_or("PathPrefix")))
        page.add(role->name, [&] { return listed_json(*role); });
    return std::move(page).output();
}

Result<Role> update(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    return iam.update_role(call.account, {.name = fields.text_or("RoleName"),
                                          .description = fields.text("Description"),
                                          .session_s_max = fields.integer("MaxSessionDuration"),
                                          .signin_s_max = fields.integer("MaxSigninSessionDuration"),
                                          .resets_signin = fields.flag("ResetMaxSigninSessionDuration")});
}

Result<Json> update_role(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto role, update(iam, call));
    return Json::object();
}

Result<Json> update_role_description(Iam& iam, const Call& call) { return role_output(update(iam, call)); }

Result<Json> update_trust_policy(Iam& iam, const Call& call) {
    return no_output(iam.update_trust_policy(call.account, role_name(call), call.fields().text_or("PolicyDocument")));
}

Result<Json> delete_role(Iam& iam, const Call& call) {
    return no_output(iam.delete_role(call.account, role_name(call)));
}

Result<Json> tag_role(Iam& iam, const Call& call) {
    return no_output(iam.tag_role(call.account, role_name(call), call.fields().pairs("Tags")));
}

Result<Json> untag_role(Iam& iam, const Call& call) {
    return no_output(iam.untag_role(call.account, role_name(call), call.fields().texts("TagKeys")));
}

Result<Json> list_role_tags(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto role, iam.role(call.account, role_name(call)));
    return iam_tag_page(call, role.tags);
}

Result<Json> put_boundary(Iam& iam, const Call& call) {
    return no_output(
        iam.set_permissions_boundary(call.account, role_name(call), call.fields().text_or("PermissionsBoundary")));
}

Result<Json> delete_boundary(Iam& iam, const Call& call) {
    return no_output(iam.set_permissions_boundary(call.account, role_name(call), ""));
}

Result<Json> attach(Iam& iam, const Call& call) {
    return no_output(iam.attach(call.account, role_name(call), call.fields().text_or("PolicyArn")));
}

Result<Json> detach(Iam& iam, const Call& call) {
    return no_output(iam.detach(call.account, role_name(call), call.fields().text_or("PolicyArn")));
}

Result<Json> list_attached(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto policies, iam.attached(call.account, role_name(call)));
    const auto prefix = call.fields().text_or("PathPrefix");
    Iam_Page page(call, "AttachedPolicies");
    for (const Policy* policy : policies) {
        if (policy->path.starts_with(prefix))
            page.add(policy->arn, [&] { return Json{{"PolicyName", policy->name}, {"PolicyArn", policy->arn}}; });
    }
    return std::move(page).output();
}

Result<Json> put_inline(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    return no_output(
        iam.put_inline(call.account, role_name(call), fields.text_or("PolicyName"), fields.text_or("PolicyDocument")));
}

Result<Json> get_inline(Iam& iam, const Call& call) {
    const std::string role = role_name(call), policy = call.fields().text_or("PolicyName");
    OSBOT_TRY(const auto document, iam.inline_document(call.account, role, policy));
    return Json{{"RoleName", role}, {"PolicyName", policy}, {"PolicyDocument", wire::percent_encode(document)}};
}

Result<Json> list_inline(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto role, iam.role(call.account, role_name(call)));
    Iam_Page page(call, "PolicyNames");
    for (const auto& [name, document] : role.inline_policies) page.add(name, [&name_ = name] { return Json(name_); });
    return std::move(page).output();
}

Result<Json> delete_inline(Iam& iam, const Call& call) {
    return no_output(iam.delete_inline(call.account, role_name(call), call.fields().text_or("PolicyName")));
}

}  // namespace

Operations iam_role_operations(Iam& iam) {
    return {iam,
            {{"AttachRolePolicy", &attach},
             {"CreateRole", &create_role},
             {"DeleteRole", &delete_role},
             {"DeleteRolePermissionsBoundary", &delete_boundary},
             {"DeleteRolePolicy", &delete_inline},
             {"DetachRolePolicy", &detach},
             {"GetRole", &get_role},
             {"GetRolePolicy", &get_inline},
             {"ListAttachedRolePolicies", &list_attached},
             {"ListRolePolicies", &list_inline},
             {"ListRoleTags", &list_role_tags},
             {"ListRoles", &list_roles},
             {"PutRolePermissionsBoundary", &put_boundary},
             {"PutRolePolicy", &put_inline},
             {"TagRole", &tag_role},
             {"UntagRole", &untag_role},
             {"UpdateAssumeRolePolicy", &update_trust_policy},
             {"UpdateRole", &update_role},
             {"UpdateRoleDescription", &update_role_description}}};
}

}  // namespace osbot_aws::services

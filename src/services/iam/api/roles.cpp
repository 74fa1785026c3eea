// IAM's operations for roles.
#include "services/iam/api/json.hpp"
#include "services/iam/api/principal.hpp"
#include "services/iam/api/tables.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t trust_policy_max = 2048;

std::optional<Error> bad_trust(const std::string& document) {
    if (auto error = bad_trust_policy(document)) return error;
    if (policy_size(document) > trust_policy_max) return iam_limit("ACLSizePerRole", trust_policy_max);
    return std::nullopt;
}

Result<Json> create_role(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(auto role, new_principal<Role>(iam, call));
    role.trust_policy = fields.text_or("AssumeRolePolicyDocument");
    if (auto error = bad_trust(role.trust_policy)) return *error;
    role.description = fields.text_or("Description");
    role.session_s_max = fields.integer("MaxSessionDuration").value_or(role.session_s_max);
    role.signin_s_max = fields.integer("MaxSigninSessionDuration");
    Json json = role_json(iam.all<Role>().put(std::move(role)));
    json.erase("Description");  // AWS omits it here only
    return Json{{"Role", std::move(json)}};
}

Result<Json> get_role(Iam& iam, const Call& call) {
    return named<Role>(iam, call).transform([](const Role* role) { return Json{{"Role", role_details_json(*role)}}; });
}

Result<Json> list_roles(Iam& iam, const Call& call) {
    return iam_page(call, "Roles", iam.all<Role>().of(call.account), [](const Role& role) {
        Json json = role_details_json(role);
        for (const char* omitted : {"Tags", "PermissionsBoundary", "RoleLastUsed"}) json.erase(omitted);
        return json;
    });
}

Result<Role*> update_fields(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    const auto signin_s_max = fields.integer("MaxSigninSessionDuration");
    const bool resets_signin = fields.flag("ResetMaxSigninSessionDuration");
    if (signin_s_max && resets_signin)
        return Error{"InvalidInput",
                     "MaxSigninSessionDuration cannot be specified when ResetMaxSigninSessionDuration is true.", 400};
    OSBOT_TRY(Role * role, named<Role>(iam, call));
    role->description = fields.text_or("Description", role->description);
    role->session_s_max = fields.integer("MaxSessionDuration").value_or(role->session_s_max);
    if (signin_s_max || resets_signin) role->signin_s_max = signin_s_max;
    iam.all<Role>().save(*role);
    return role;
}

Result<Json> update_role(Iam& iam, const Call& call) {
    return update_fields(iam, call).transform([](const Role*) { return Json::object(); });
}

Result<Json> update_role_description(Iam& iam, const Call& call) {
    return update_fields(iam, call).transform([](const Role* role) { return Json{{"Role", role_json(*role)}}; });
}

Result<Json> update_trust_policy(Iam& iam, const Call& call) {
    const std::string document = call.fields().text_or("PolicyDocument");
    OSBOT_TRY(Role * role, named<Role>(iam, call));
    if (auto error = bad_change(*role)) return *error;
    if (auto error = bad_trust(document)) return *error;
    role->trust_policy = document;
    iam.all<Role>().save(*role);
    return Json::object();
}

Result<Json> delete_role(Iam& iam, const Call& call) {
    OSBOT_TRY(const Role* role, named<Role>(iam, call));
    if (auto error = bad_change(*role)) return *error;
    const auto& profiles = iam.all<Instance_Profile>().of(call.account);
    if (std::ranges::any_of(profiles, [&](const auto& each) { return each.second.role == role->name; }))
        return delete_conflict("remove roles from instance profile");
    if (auto error = has_policies(*role)) return *error;
    iam.all<Role>().erase(*role);
    return Json::object();
}

}  // namespace

Json basic_role_json(const Role& role) {
    Json json = principal_json(role);
    json["AssumeRolePolicyDocument"] = wire::percent_encode(role.trust_policy);
    return json;
}

Json role_json(const Role& role) {
    Json json = basic_role_json(role);
    if (!role.description.empty()) json["Description"] = role.description;
    if (role.signin_s_max) json["MaxSigninSessionDuration"] = *role.signin_s_max;
    if (!role.permissions_boundary.empty()) json["PermissionsBoundary"] = boundary_json(role.permissions_boundary);
    add_tags_unless_empty(json, role.tags);
    return json;
}

Json role_details_json(const Role& role) {
    Json json = role_json(role);
    json["MaxSessionDuration"] = role.session_s_max;
    Json& used = json["RoleLastUsed"] = Json::object();
    if (!role.last_used_at.empty()) used = {{"LastUsedDate", role.last_used_at}, {"Region", role.last_used_region}};
    return json;
}

Operations iam_role_operations(Iam& iam) {
    return {iam,
            {{"AttachRolePolicy", &attach_policy<Role>},
             {"CreateRole", &create_role},
             {"DeleteRole", &delete_role},
             {"DeleteRolePermissionsBoundary", &delete_boundary<Role>},
             {"DeleteRolePolicy", &delete_inline_policy<Role>},
             {"DetachRolePolicy", &detach_policy<Role>},
             {"GetRole", &get_role},
             {"GetRolePolicy", &get_inline_policy<Role>},
             {"ListAttachedRolePolicies", &list_attached_policies<Role>},
             {"ListRolePolicies", &list_inline_policies<Role>},
             {"ListRoleTags", &list_entity_tags<Role>},
             {"ListRoles", &list_roles},
             {"PutRolePermissionsBoundary", &set_boundary<Role>},
             {"PutRolePolicy", &put_inline_policy<Role>},
             {"TagRole", &tag_entity<Role>},
             {"UntagRole", &untag_entity<Role>},
             {"UpdateAssumeRolePolicy", &update_trust_policy},
             {"UpdateRole", &update_role},
             {"UpdateRoleDescription", &update_role_description}}};
}

}  // namespace osbot_aws::services

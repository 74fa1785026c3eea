// IAM's operations for users, their passwords and their groups.
#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
#include "services/iam/api/json.hpp"
#include "services/iam/api/principal.hpp"
#include "services/iam/api/tables.hpp"
#include "services/iam/api/user_of_call.hpp"

namespace osbot_aws::services {
namespace {

Result<Json> create_user(Iam& iam, const Call& call) {
    return new_principal<User>(iam, call).transform([&](User user) {
        return Json{{"User", tagged_user_json(iam.all<User>().put(std::move(user)))}};
    });
}

/// Returns the account's root for a caller that is not a user and names none.
Result<Json> get_user(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto caller, caller_of(iam, call));
    if (!call.fields().has("UserName") && caller.kind == Caller::Kind::root)
        return Json{{"User", {{"UserId", caller.user_id}, {"Arn", caller.arn}, {"CreateDate", iam.now()}}}};
    return user_of_call(iam, call).transform([](const User* user) { return Json{{"User", tagged_user_json(*user)}}; });
}

Result<Json> list_users(Iam& iam, const Call& call) {
    return iam_page(call, "Users", iam.all<User>().of(call.account), user_json);
}

Result<Json> update_user(Iam& iam, const Call& call) {
    OSBOT_TRY(const User* user, rename_principal<User>(iam, call));
    iam.save_credentials(*user);
    return Json::object();
}

std::optional<Error> has_devices(Iam& iam, const User& user) {
    const auto& devices = iam.all<Mfa_Device>().of(scope_of(user));
    if (std::ranges::any_of(devices, [&](const auto& each) { return each.second.user_id == user.id; }))
        return delete_conflict("delete MFA device");
    return std::nullopt;
}

Result<Json> delete_user(Iam& iam, const Call& call) {
    OSBOT_TRY(const User* user, named<User>(iam, call));
    if (auto error = has_policies(*user)) return *error;
    if (!user->group_ids.empty()) return delete_conflict("remove users from group");
    if (!user->access_keys.empty()) return delete_conflict("delete access keys");
    if (user->login) return delete_conflict("delete login profile");
    if (auto error = has_devices(iam, *user)) return *error;
    if (!user->certificates.empty()) return delete_conflict("delete signing certificates");
    if (!user->ssh_keys.empty() || !user->service_credentials.empty())
        return delete_conflict("remove referenced objects");
    iam.all<User>().erase(*user);
    return Json::object();
}

// ---- Groups of a user ----

Result<std::pair<User*, Group*>> member_and_group(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, named<User>(iam, call));
    OSBOT_TRY(Group * group, named<Group>(iam, call));
    return std::pair{user, group};
}

Result<Json> add_user_to_group(Iam& iam, const Call& call) {
    constexpr std::size_t groups_max = 10;
    OSBOT_TRY(const auto found, member_and_group(iam, call));
    const auto& [user, group] = found;
    auto& ids = user->group_ids;
    if (std::ranges::find(ids, group->id) != ids.end()) return Json::object();
    if (ids.size() >= groups_max) return iam_limit("GroupsPerUser", groups_max);
    ids.push_back(group->id);
    iam.all<User>().save(*user);
    return Json::object();
}

Result<Json> remove_user_from_group(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto found, member_and_group(iam, call));
    std::erase(found.first->group_ids, found.second->id);
    iam.all<User>().save(*found.first);
    return Json::object();
}

Result<Json> list_groups_for_user(Iam& iam, const Call& call) {
    OSBOT_TRY(const User* user, named<User>(iam, call));
    Iam_Page page(call, "Groups");
    for (const auto& [name, group] : iam.all<Group>().of(call.account))
        if (std::ranges::find(user->group_ids, group.id) != user->group_ids.end())
            page.add(name, [&group_ = group] { return group_json(group_); });
    return std::move(page).output();
}

// ---- Passwords ----

Error no_login(const User& user) {
    return {"NoSuchEntity", fmt::format("Login Profile for User {} cannot be found.", user.name), 404};
}

Json login_json(const User& user) {
    return {{"LoginProfile",
             {{"UserName", user.name},
              {"CreateDate", user.login->created_at},
              {"PasswordResetRequired", user.login->reset_required}}}};
}

std::string hash_of(const Login_Profile& login, const std::string& password) {
    return base::hex_encode(base::hmac_sha256_raw(login.salt, password));
}

bool has_one_of(const std::string& text, bool (*is_wanted)(char)) { return std::ranges::any_of(text, is_wanted); }

/// Checks a password by the account's policy. Without one, any password is accepted.
std::optional<Error> bad_password(Iam& iam, const Account& account, const std::string& password) {
    const auto violated = [](const std::string& rule) {
        return Error{"PasswordPolicyViolation", "Password should " + rule, 400};
    };
    const auto* settings = iam.all<Account_Settings>().find(account, account.id);
    if (settings == nullptr || !settings->passwords) return std::nullopt;
    const Password_Policy& policy = *settings->passwords;
    if (password.size() < static_cast<std::size_t>(policy.length_min))
        return violated(fmt::format("have a minimum length of {}", policy.length_min));
    if (policy.uppercase && !has_one_of(password, [](char c) { return c >= 'A' && c <= 'Z'; }))
        return violated("have at least one uppercase letter");
    if (policy.lowercase && !has_one_of(password, &base::is_lower))
        return violated("have at least one lowercase letter");
    if (policy.numbers && !has_one_of(password, &base::is_digit)) return violated("have at least one number");
    if (policy.symbols && !has_one_of(password, [](char c) { return !base::is_alphanumeric(c); }))
        return violated("have at least one symbol");
    return std::nullopt;
}

void set_password(Login_Profile& login, const std::string& password) {
    constexpr std::size_t salt_bytes = 16;
    login.salt = base::hex_encode(base::random_bytes(salt_bytes));
    login.password_hash = hash_of(login, password);
}

Result<Json> create_login_profile(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(User * user, user_of_call(iam, call));
    if (user->login)
        return Error{"EntityAlreadyExists", fmt::format("Login Profile for user {} already exists.", user->name), 409};
    const std::string password = fields.text_or("Password");
    if (auto error = bad_password(iam, call.account, password)) return *error;
    user->login = Login_Profile{.created_at = iam.now(),
                                .salt = "",
                                .password_hash = "",
                                .reset_required = fields.flag("PasswordResetRequired")};
    set_password(*user->login, password);
    iam.all<User>().save(*user);
    return login_json(*user);
}

Result<User*> user_with_login(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_call(iam, call));
    if (!user->login) return no_login(*user);
    return user;
}

Result<Json> get_login_profile(Iam& iam, const Call& call) {
    return user_with_login(iam, call).transform([](const User* user) { return login_json(*user); });
}

Result<Json> update_login_profile(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(User * user, user_with_login(iam, call));
    if (const auto password = fields.text("Password")) {
        if (auto error = bad_password(iam, call.account, *password)) return *error;
        set_password(*user->login, *password);
    }
    if (fields.has("PasswordResetRequired")) user->login->reset_required = fields.flag("PasswordResetRequired");
    iam.all<User>().save(*user);
    return Json::object();
}

Result<Json> delete_login_profile(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_with_login(iam, call));
    user->login.reset();
    iam.all<User>().save(*user);
    return Json::object();
}

Result<Json> change_password(Iam& iam, const Call& call) {
    const std::string password = call.fields().text_or("NewPassword");
    OSBOT_TRY(User * user, user_with_login(iam, call));
    if (hash_of(*user->login, call.fields().text_or("OldPassword")) != user->login->password_hash)
        return Error{"AccessDenied", "The old password was incorrect.", 403};
    if (auto error = bad_password(iam, call.account, password)) return *error;
    set_password(*user->login, password);
    user->login->reset_required = false;
    iam.all<User>().save(*user);
    return Json::object();
}

}  // namespace

Json user_json(const User& user) { return principal_json(user); }

Json tagged_user_json(const User& user) {
    Json json = principal_json(user);
    if (!user.permissions_boundary.empty()) json["PermissionsBoundary"] = boundary_json(user.permissions_boundary);
    add_tags_unless_empty(json, user.tags);
    return json;
}

Operations iam_user_operations(Iam& iam) {
    Operations all{iam,
                   {{"AddUserToGroup", &add_user_to_group},
                    {"AttachUserPolicy", &attach_policy<User>},
                    {"ChangePassword", &change_password},
                    {"CreateLoginProfile", &create_login_profile},
                    {"CreateUser", &create_user},
                    {"DeleteLoginProfile", &delete_login_profile},
                    {"DeleteUser", &delete_user},
                    {"DeleteUserPermissionsBoundary", &delete_boundary<User>},
                    {"DeleteUserPolicy", &delete_inline_policy<User>},
                    {"DetachUserPolicy", &detach_policy<User>},
                    {"GetLoginProfile", &get_login_profile},
                    {"GetUser", &get_user},
                    {"GetUserPolicy", &get_inline_policy<User>},
                    {"ListAttachedUserPolicies", &list_attached_policies<User>},
                    {"ListGroupsForUser", &list_groups_for_user},
                    {"ListUserPolicies", &list_inline_policies<User>},
                    {"ListUserTags", &list_entity_tags<User>},
                    {"ListUsers", &list_users},
                    {"PutUserPermissionsBoundary", &set_boundary<User>},
                    {"PutUserPolicy", &put_inline_policy<User>},
                    {"RemoveUserFromGroup", &remove_user_from_group},
                    {"TagUser", &tag_entity<User>},
                    {"UntagUser", &untag_entity<User>},
                    {"UpdateLoginProfile", &update_login_profile},
                    {"UpdateUser", &update_user}}};
    all.reject({{"CreateLoginProfile", "MaxSigninSessionDuration"},  // the engine has no console
                {"UpdateLoginProfile", "MaxSigninSessionDuration"},
                {"UpdateLoginProfile", "ResetMaxSigninSessionDuration"}});
    return all;
}

}  // namespace osbot_aws::services

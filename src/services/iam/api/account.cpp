// IAM's operations for an account: alias, summary, password policy, credential report and authorization details.
#include <array>

#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "services/iam/api/json.hpp"
#include "services/iam/api/principal.hpp"
#include "services/iam/api/tables.hpp"
#include "services/iam/credential_report.hpp"

namespace osbot_aws::services {
namespace {

const Account_Settings* settings_of(const Iam& iam, const Call& call) {
    return iam.all<Account_Settings>().find(call.account, call.account.id);
}

// ---- Alias ----

Error no_alias(const std::string& alias) {
    return {"NoSuchEntity", fmt::format("The account alias with name {} cannot be found.", alias), 404};
}

/// Replaces the alias: an account has one.
Result<Json> create_alias(Iam& iam, const Call& call) {
    const std::string alias = call.fields().text_or("AccountAlias");
    bool is_taken = false;
    iam.all<Account_Settings>().each([&](const Account_Settings& each) {
        is_taken = is_taken || (each.alias == alias && each.partition == call.account.partition() &&
                                each.account != call.account.id);
    });
    if (is_taken) return Error{"EntityAlreadyExists", fmt::format("The account alias {} already exists.", alias), 409};
    Account_Settings& settings = iam.settings(call.account);
    settings.alias = alias;
    iam.all<Account_Settings>().save(settings);
    return Json::object();
}

Result<Json> delete_alias(Iam& iam, const Call& call) {
    const std::string alias = call.fields().text_or("AccountAlias");
    const Account_Settings* found = settings_of(iam, call);
    if (found == nullptr || found->alias != alias) return no_alias(alias);
    Account_Settings& settings = iam.settings(call.account);
    settings.alias.clear();
    iam.all<Account_Settings>().save(settings);
    return Json::object();
}

Result<Json> list_aliases(Iam& iam, const Call& call) {
    Iam_Page page(call, "AccountAliases");
    const Account_Settings* settings = settings_of(iam, call);
    if (settings != nullptr && !settings->alias.empty())
        page.add(settings->alias, [&] { return Json(settings->alias); });
    return std::move(page).output();
}

// ---- Summary ----

template <class T>
std::size_t count_entities(const Iam& iam, const Call& call) {
    return iam.all<T>().of(call.account).size();
}

/// Source of the quotas: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
Result<Json> get_account_summary(Iam& iam, const Call& call) {
    std::size_t versions = 0, devices = 0, devices_in_use = 0;
    for (const auto& [arn, policy] : iam.all<Policy>().of(call.account)) versions += policy.versions.size();
    for (const auto& [serial, device] : iam.all<Mfa_Device>().of(call.account)) {
        devices += device.is_virtual ? 1 : 0;
        devices_in_use += device.user_id.empty() ? 0 : 1;
    }
    return Json{{"SummaryMap",
                 {{"AccessKeysPerUserQuota", 2},
                  {"AccountAccessKeysPresent", 0},
                  {"AccountMFAEnabled", 0},
                  {"AccountPasswordPresent", 0},
                  {"AccountSigningCertificatesPresent", 0},
                  {"AssumeRolePolicySizeQuota", 2048},
                  {"AttachedPoliciesPerGroupQuota", 10},
                  {"AttachedPoliciesPerRoleQuota", 10},
                  {"AttachedPoliciesPerUserQuota", 10},
                  {"GlobalEndpointTokenVersion", 1},
                  {"GroupPolicySizeQuota", Group::kind.inline_bytes_max},
                  {"Groups", count_entities<Group>(iam, call)},
                  {"GroupsPerUserQuota", 10},
                  {"GroupsQuota", Group::kind.count_max},
                  {"InstanceProfiles", count_entities<Instance_Profile>(iam, call)},
                  {"InstanceProfilesQuota", 1000},
                  {"MFADevices", devices},
                  {"MFADevicesInUse", devices_in_use},
                  {"Policies", count_entities<Policy>(iam, call)},
                  {"PoliciesQuota", 1500},
                  {"PolicySizeQuota", 6144},
                  {"PolicyVersionsInUse", versions},
                  {"PolicyVersionsInUseQuota", 10'000},
                  {"Providers", count_entities<Oidc_Provider>(iam, call) + count_entities<Saml_Provider>(iam, call)},
                  {"RolePolicySizeQuota", Role::kind.inline_bytes_max},
                  {"Roles", count_entities<Role>(iam, call)},
                  {"RolesQuota", Role::kind.count_max},
                  {"ServerCertificates", count_entities<Server_Certificate>(iam, call)},
                  {"ServerCertificatesQuota", 20},
                  {"SigningCertificatesPerUserQuota", 2},
                  {"UserPolicySizeQuota", User::kind.inline_bytes_max},
                  {"Users", count_entities<User>(iam, call)},
                  {"UsersQuota", User::kind.count_max},
                  {"VersionsPerPolicyQuota", 5}}}};
}

// ---- Password policy ----

Error no_password_policy(const Call& call) {
    return {"NoSuchEntity", fmt::format("The Password Policy with domain name {} cannot be found.", call.account.id),
            404};
}

/// Replaces the policy: a member that is missing gets its default.
Result<Json> update_password_policy(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    Password_Policy policy{.length_min = fields.integer("MinimumPasswordLength").value_or(6),
                           .symbols = fields.flag("RequireSymbols"),
                           .numbers = fields.flag("RequireNumbers"),
                           .uppercase = fields.flag("RequireUppercaseCharacters"),
                           .lowercase = fields.flag("RequireLowercaseCharacters"),
                           .may_change = fields.flag("AllowUsersToChangePassword"),
                           .age_days_max = fields.integer("MaxPasswordAge"),
                           .reused_max = fields.integer("PasswordReusePrevention"),
                           .hard_expiry = std::nullopt};
    if (fields.has("HardExpiry")) policy.hard_expiry = fields.flag("HardExpiry");
    Account_Settings& settings = iam.settings(call.account);
    settings.passwords = policy;
    iam.all<Account_Settings>().save(settings);
    return Json::object();
}

Result<Json> get_password_policy(Iam& iam, const Call& call) {
    const Account_Settings* settings = settings_of(iam, call);
    if (settings == nullptr || !settings->passwords) return no_password_policy(call);
    const Password_Policy& policy = *settings->passwords;
    Json json{{"MinimumPasswordLength", policy.length_min},
              {"RequireSymbols", policy.symbols},
              {"RequireNumbers", policy.numbers},
              {"RequireUppercaseCharacters", policy.uppercase},
              {"RequireLowercaseCharacters", policy.lowercase},
              {"AllowUsersToChangePassword", policy.may_change},
              {"ExpirePasswords", policy.age_days_max.has_value()}};
    if (policy.age_days_max) json["MaxPasswordAge"] = *policy.age_days_max;
    if (policy.reused_max) json["PasswordReusePrevention"] = *policy.reused_max;
    if (policy.hard_expiry) json["HardExpiry"] = *policy.hard_expiry;
    return Json{{"PasswordPolicy", std::move(json)}};
}

Result<Json> delete_password_policy(Iam& iam, const Call& call) {
    const Account_Settings* found = settings_of(iam, call);
    if (found == nullptr || !found->passwords)
        return Error{"NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.", 404};
    Account_Settings& settings = iam.settings(call.account);
    settings.passwords.reset();
    iam.all<Account_Settings>().save(settings);
    return Json::object();
}

// ---- Credential report ----

/// Returns true if the account has a report that is not older than four hours, as on AWS.
bool has_report(const Iam& iam, const Account_Settings* settings) {
    constexpr std::int64_t age_ms_max = 4 * 3'600'000;
    if (settings == nullptr || settings->report.empty()) return false;
    const auto generated = base::parse_iso8601(settings->report_at);
    return generated && base::unix_ms(iam.context().now()) - base::unix_ms(*generated) < age_ms_max;
}

Result<Json> generate_credential_report(Iam& iam, const Call& call) {
    if (has_report(iam, settings_of(iam, call))) return Json{{"State", "COMPLETE"}};
    Account_Settings& settings = iam.settings(call.account);
    settings.report = credential_report(iam, call.account);
    settings.report_at = iam.now();
    iam.all<Account_Settings>().save(settings);
    return Json{{"State", "STARTED"}, {"Description", "No report exists. Starting a new report generation task"}};
}

Result<Json> get_credential_report(Iam& iam, const Call& call) {
    const Account_Settings* settings = settings_of(iam, call);
    if (settings == nullptr || settings->report.empty())
        return Error{"ReportNotPresent", "", 410};  // AWS sends no message
    if (!has_report(iam, settings))
        return Error{"ReportExpired",
                     "The credential report has expired. To generate a new one, call "
                     "GenerateCredentialReport.",
                     410};
    return Json{{"Content", base::base64_encode(settings->report)},
                {"ReportFormat", "text/csv"},
                {"GeneratedTime", settings->report_at}};
}

// ---- Authorization details ----

// AWS omits an empty UserPolicyList, but no other empty list. Recorded: localstack/localstack,
// tests/aws/services/iam/test_iam_account_authorization_details.snapshot.json.
Json user_details(const Iam& iam, const User& user) {
    Json json = tagged_user_json(user), groups = Json::array();
    for (const auto& [name, group] : iam.all<Group>().of(scope_of(user)))
        if (std::ranges::find(user.group_ids, group.id) != user.group_ids.end()) groups.push_back(group.name);
    json["GroupList"] = std::move(groups);
    json["Tags"] = iam_tags_json(user.tags);
    if (!user.inline_policies.empty()) json["UserPolicyList"] = inline_json(user);
    json["AttachedManagedPolicies"] = attached_list(user);
    return json;
}

Json group_details(const Iam&, const Group& group) {
    Json json = group_json(group);
    json["GroupPolicyList"] = inline_json(group);
    json["AttachedManagedPolicies"] = attached_list(group);
    return json;
}

Json role_details(const Iam& iam, const Role& role) {
    Json json = role_details_json(role), profiles = Json::array();
    for (const char* omitted : {"MaxSessionDuration", "MaxSigninSessionDuration", "Description"}) json.erase(omitted);
    for (const auto& [name, profile] : iam.all<Instance_Profile>().of(scope_of(role)))
        if (profile.role == role.name) profiles.push_back(instance_profile_json(iam, profile));
    json["InstanceProfileList"] = std::move(profiles);
    json["RolePolicyList"] = inline_json(role);
    json["AttachedManagedPolicies"] = attached_list(role);
    return json;
}

Json policy_details(const Policy_Usage& usage, const Policy& policy) {
    Json json = policy_json(usage, policy), versions = Json::array();
    for (auto version = policy.versions.rbegin(); version != policy.versions.rend(); ++version)
        versions.push_back(policy_version_json(policy, *version));
    json["PolicyVersionList"] = std::move(versions);
    return json;
}

/// Adds the details of one kind of principals. The place of an item begins with the number of its kind.
template <class T>
void add_details(const Iam& iam, const Call& call, const char* list, char kind, Json (*write)(const Iam&, const T&),
                 Iam_Page& page) {
    for (const auto& [name, each] : iam.all<T>().of(call.account))
        page.add_to(list, kind + name, [&each_ = each, &iam, write] { return write(iam, each_); });
}

Result<Json> get_authorization_details(Iam& iam, const Call& call) {
    const auto filter = call.fields().texts("Filter");
    const auto includes = [&](const char* kind) {
        return filter.empty() || std::ranges::find(filter, kind) != filter.end();
    };
    Iam_Page page(call, "UserDetailList");
    for (const char* list : {"GroupDetailList", "RoleDetailList", "Policies"}) page.add_member(list);
    if (includes("User")) add_details<User>(iam, call, "UserDetailList", '1', &user_details, page);
    if (includes("Group")) add_details<Group>(iam, call, "GroupDetailList", '2', &group_details, page);
    if (includes("Role")) add_details<Role>(iam, call, "RoleDetailList", '3', &role_details, page);
    const Policy_Usage usage = policy_usage(iam, call.account);
    const auto add_policy = [&](const std::string& place, const Policy& policy) {
        page.add_to("Policies", place, [&] { return policy_details(usage, policy); });
    };
    if (includes("LocalManagedPolicy"))
        for (const auto& [place, policy] : iam.all<Policy>().of(call.account)) add_policy('4' + place, policy);
    if (includes("AWSManagedPolicy"))
        for (const Policy& policy : iam.aws_policies(call.account.partition())) add_policy('5' + policy.arn, policy);
    return std::move(page).output();
}

}  // namespace

Operations iam_account_operations(Iam& iam) {
    return {iam,
            {{"CreateAccountAlias", &create_alias},
             {"DeleteAccountAlias", &delete_alias},
             {"DeleteAccountPasswordPolicy", &delete_password_policy},
             {"GenerateCredentialReport", &generate_credential_report},
             {"GetAccountAuthorizationDetails", &get_authorization_details},
             {"GetAccountPasswordPolicy", &get_password_policy},
             {"GetAccountSummary", &get_account_summary},
             {"GetCredentialReport", &get_credential_report},
             {"ListAccountAliases", &list_aliases},
             {"UpdateAccountPasswordPolicy", &update_password_policy}}};
}

}  // namespace osbot_aws::services

// IAM's operations for instance profiles.
#include "services/iam/api/entity.hpp"
#include "services/iam/api/json.hpp"
#include "services/iam/api/principal.hpp"
#include "services/iam/api/tables.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t profiles_max = 1000;

Json profile_with_tags(const Iam& iam, const Instance_Profile& profile) {
    Json json = instance_profile_json(iam, profile);
    json["Tags"] = iam_tags_json(profile.tags);
    return json;
}

Result<Json> create_profile(Iam& iam, const Call& call) {
    Instance_Profile created;
    OSBOT_TRY(start_entity(iam, call, "instanceProfileName", created.created_at, created));
    auto& profiles = iam.all<Instance_Profile>();
    if (profiles.find_ignoring_case(call.account, created.name) != nullptr)
        return Error{"EntityAlreadyExists", fmt::format("Instance Profile {} already exists.", created.name), 409};
    if (profiles.of(call.account).size() >= profiles_max) return iam_limit("InstanceProfilesPerAccount", profiles_max);
    created.id = new_iam_id("AIPA");
    created.arn = arn_of(call.account.partition(), "instance-profile", created);
    const Instance_Profile& stored = profiles.put(std::move(created));
    Json json = instance_profile_json(iam, stored);
    add_tags_unless_empty(json, stored.tags);
    return Json{{"InstanceProfile", std::move(json)}};
}

Result<Json> get_profile(Iam& iam, const Call& call) {
    return named<Instance_Profile>(iam, call).transform([&](const Instance_Profile* profile) {
        return Json{{"InstanceProfile", profile_with_tags(iam, *profile)}};
    });
}

Result<Json> list_profiles(Iam& iam, const Call& call) {
    return iam_page(call, "InstanceProfiles", iam.all<Instance_Profile>().of(call.account),
                    [&](const Instance_Profile& profile) { return instance_profile_json(iam, profile); });
}

Result<Json> list_profiles_for_role(Iam& iam, const Call& call) {
    OSBOT_TRY(const Role* role, named<Role>(iam, call));
    Iam_Page page(call, "InstanceProfiles");
    for (const auto& [name, profile] : iam.all<Instance_Profile>().of(call.account))
        if (profile.role == role->name)
            page.add(name, [&profile_ = profile, &iam] { return instance_profile_json(iam, profile_); });
    return std::move(page).output();
}

Result<Json> add_role_to_profile(Iam& iam, const Call& call) {
    OSBOT_TRY(Instance_Profile * profile, named<Instance_Profile>(iam, call));
    OSBOT_TRY(const Role* role, named<Role>(iam, call));
    if (auto error = bad_change(*role)) return *error;
    if (!profile->role.empty()) return iam_limit("InstanceSessionsPerInstanceProfile", 1);
    profile->role = role->name;
    iam.all<Instance_Profile>().save(*profile);
    return Json::object();
}

Result<Json> remove_role_from_profile(Iam& iam, const Call& call) {
    OSBOT_TRY(Instance_Profile * profile, named<Instance_Profile>(iam, call));
    OSBOT_TRY(const Role* role, named<Role>(iam, call));
    if (profile->role != role->name)
        return Error{"NoSuchEntity",
                     fmt::format("Role {} in Instance Profile {} cannot be found.", role->name, profile->name), 404};
    profile->role.clear();
    iam.all<Instance_Profile>().save(*profile);
    return Json::object();
}

Result<Json> delete_profile(Iam& iam, const Call& call) {
    OSBOT_TRY(const Instance_Profile* profile, named<Instance_Profile>(iam, call));
    if (!profile->role.empty())
        return Error{"DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409};
    iam.all<Instance_Profile>().erase(*profile);
    return Json::object();
}

}  // namespace

Json instance_profile_json(const Iam& iam, const Instance_Profile& profile) {
    const Role* role = iam.all<Role>().find(scope_of(profile), profile.role);
    return {{"Path", profile.path},
            {"InstanceProfileName", profile.name},
            {"InstanceProfileId", profile.id},
            {"Arn", profile.arn},
            {"CreateDate", profile.created_at},
            {"Roles", role == nullptr ? Json::array() : Json::array({basic_role_json(*role)})}};
}

Operations iam_instance_profile_operations(Iam& iam) {
    return {iam,
            {{"AddRoleToInstanceProfile", &add_role_to_profile},
             {"CreateInstanceProfile", &create_profile},
             {"DeleteInstanceProfile", &delete_profile},
             {"GetInstanceProfile", &get_profile},
             {"ListInstanceProfileTags", &list_entity_tags<Instance_Profile>},
             {"ListInstanceProfiles", &list_profiles},
             {"ListInstanceProfilesForRole", &list_profiles_for_role},
             {"RemoveRoleFromInstanceProfile", &remove_role_from_profile},
             {"TagInstanceProfile", &tag_entity<Instance_Profile>},
             {"UntagInstanceProfile", &untag_entity<Instance_Profile>}}};
}

}  // namespace osbot_aws::services

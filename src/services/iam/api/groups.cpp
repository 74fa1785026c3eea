// IAM's operations for groups.
#include "services/iam/api/json.hpp"
#include "services/iam/api/principal.hpp"
#include "services/iam/api/tables.hpp"

namespace osbot_aws::services {
namespace {

bool is_member(const User& user, const Group& group) {
    return std::ranges::find(user.group_ids, group.id) != user.group_ids.end();
}

Result<Json> create_group(Iam& iam, const Call& call) {
    return new_principal<Group>(iam, call).transform([&](Group group) {
        return Json{{"Group", group_json(iam.all<Group>().put(std::move(group)))}};
    });
}

/// Returns the group and a page of its users.
Result<Json> get_group(Iam& iam, const Call& call) {
    OSBOT_TRY(const Group* group, named<Group>(iam, call));
    Iam_Page page(call, "Users");
    page.add_member("Group", group_json(*group));
    for (const auto& [name, user] : iam.all<User>().of(call.account))
        if (is_member(user, *group)) page.add(name, [&user_ = user] { return user_json(user_); });
    return std::move(page).output();
}

Result<Json> list_groups(Iam& iam, const Call& call) {
    return iam_page(call, "Groups", iam.all<Group>().of(call.account), group_json);
}

Result<Json> update_group(Iam& iam, const Call& call) {
    return rename_principal<Group>(iam, call).transform([](const Group*) { return Json::object(); });
}

Result<Json> delete_group(Iam& iam, const Call& call) {
    OSBOT_TRY(const Group* group, named<Group>(iam, call));
    const auto& users = iam.all<User>().of(call.account);
    if (std::ranges::any_of(users, [&](const auto& each) { return is_member(each.second, *group); }))
        return delete_conflict("remove users from group");
    if (auto error = has_policies(*group)) return *error;
    iam.all<Group>().erase(*group);
    return Json::object();
}

}  // namespace

Json group_json(const Group& group) { return principal_json(group); }

Operations iam_group_operations(Iam& iam) {
    return {iam,
            {{"AttachGroupPolicy", &attach_policy<Group>},
             {"CreateGroup", &create_group},
             {"DeleteGroup", &delete_group},
             {"DeleteGroupPolicy", &delete_inline_policy<Group>},
             {"DetachGroupPolicy", &detach_policy<Group>},
             {"GetGroup", &get_group},
             {"GetGroupPolicy", &get_inline_policy<Group>},
             {"ListAttachedGroupPolicies", &list_attached_policies<Group>},
             {"ListGroupPolicies", &list_inline_policies<Group>},
             {"ListGroups", &list_groups},
             {"PutGroupPolicy", &put_inline_policy<Group>},
             {"UpdateGroup", &update_group}}};
}

}  // namespace osbot_aws::services

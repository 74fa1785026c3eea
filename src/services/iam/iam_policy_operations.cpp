// IAM's operations for managed policies.
#include <algorithm>

#include "services/iam/iam_api.hpp"

namespace osbot_aws::services {
namespace {

std::string version_id(int number) { return "v" + std::to_string(number); }
std::string policy_arn(const Call& call) { return call.fields().text_or("PolicyArn"); }

/// Returns the members that lists have: no description, no tags (API_ListPolicies).
Json listed_json(const Iam& iam, const Call& call, const Policy& policy) {
    return {{"PolicyName", policy.name},
            {"PolicyId", policy.id},
            {"Arn", policy.arn},
            {"Path", policy.path},
            {"DefaultVersionId", version_id(policy.default_version)},
            {"AttachmentCount", iam.attached_to(call.account, policy.arn).size()},
            {"PermissionsBoundaryUsageCount", iam.bounded_by(call.account, policy.arn).size()},
            {"IsAttachable", true},
            {"CreateDate", policy.created_at},
            {"UpdateDate", policy.updated_at}};
}

Result<Json> policy_output(const Iam& iam, const Call& call, const Result<Policy>& found) {
    OSBOT_TRY(const Policy& policy, found);
    Json json = listed_json(iam, call, policy);
    if (!policy.description.empty()) json["Description"] = policy.description;
    if (!policy.tags.empty()) json["Tags"] = iam_tags_json(policy.tags);
    return Json{{"Policy", std::move(json)}};
}

Json version_json(const Policy_Version& version, bool is_default) {
    return {{"VersionId", version_id(version.number)},
            {"IsDefaultVersion", is_default},
            {"CreateDate", version.created_at}};
}

Result<Json> create_policy(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    return policy_output(iam, call,
                         iam.create_policy(call.account, {.name = fields.text_or("PolicyName"),
                                                          .path = fields.text_or("Path", "/"),
                                                          .document = fields.text_or("PolicyDocument"),
                                                          .description = fields.text_or("Description"),
                                                          .tags = fields.pairs("Tags")}));
}

Result<Json> get_policy(Iam& iam, const Call& call) {
    return policy_output(iam, call, iam.policy(call.account, policy_arn(call)));
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

/// Returns the roles that use a policy: as their boundary, or else attached.
std::vector<const Role*> users_of(const Iam& iam, const Call& call, const std::string& arn) {
    const bool as_boundary = call.fields().text_or("PolicyUsageFilter") == "PermissionsBoundary";
    return as_boundary ? iam.bounded_by(call.account, arn) : iam.attached_to(call.account, arn);
}

Result<Json> list_policies(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    const bool only_used = fields.flag("OnlyAttached") || fields.has("PolicyUsageFilter");
    Iam_Page page(call, "Policies");
    for (const Policy* policy : policies_of(iam, call.account, fields.text_or("Scope"), fields.text_or("PathPrefix"))) {
        if (!only_used || !users_of(iam, call, policy->arn).empty())
            page.add(policy->arn, [&] { return listed_json(iam, call, *policy); });
    }
    return std::move(page).output();
}

Result<Json> delete_policy(Iam& iam, const Call& call) {
    return no_output(iam.delete_policy(call.account, policy_arn(call)));
}

Result<Json> create_policy_version(Iam& iam, const Call& call) {
    const bool as_default = call.fields().flag("SetAsDefault");
    const std::string document = call.fields().text_or("PolicyDocument");
    OSBOT_TRY(const auto version, iam.create_version(call.account, policy_arn(call), document, as_default));
    return Json{{"PolicyVersion", version_json(version, as_default)}};
}

Result<Json> get_policy_version(Iam& iam, const Call& call) {
    const auto arn = policy_arn(call);
    OSBOT_TRY(const auto version, iam.version(call.account, arn, call.fields().text_or("VersionId")));
    Json json = version_json(version, iam.policy(call.account, arn)->default_version == version.number);
    json["Document"] = wire::percent_encode(version.document);
    return Json{{"PolicyVersion", std::move(json)}};
}

Result<Json> list_policy_versions(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto policy, iam.policy(call.account, policy_arn(call)));
    Iam_Page page(call, "Versions");
    // Newest first, as on AWS. The marker is a name that increases with the position in the list.
    for (auto version = policy.versions.rbegin(); version != policy.versions.rend(); ++version) {
        const auto digits = std::to_string(policy.last_version - version->number);
        page.add(std::string(10 - digits.size(), '0') + digits,
                 [&] { return version_json(*version, version->number == policy.default_version); });
    }
    return std::move(page).output();
}

Result<Json> set_default_policy_version(Iam& iam, const Call& call) {
    return no_output(iam.set_default_version(call.account, policy_arn(call), call.fields().text_or("VersionId")));
}

Result<Json> delete_policy_version(Iam& iam, const Call& call) {
    return no_output(iam.delete_version(call.account, policy_arn(call), call.fields().text_or("VersionId")));
}

Result<Json> tag_policy(Iam& iam, const Call& call) {
    return no_output(iam.tag_policy(call.account, policy_arn(call), call.fields().pairs("Tags")));
}

Result<Json> untag_policy(Iam& iam, const Call& call) {
    return no_output(iam.untag_policy(call.account, policy_arn(call), call.fields().texts("TagKeys")));
}

Result<Json> list_policy_tags(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto policy, iam.policy(call.account, policy_arn(call)));
    return iam_tag_page(call, policy.tags);
}

/// Only roles use policies here: the lists of groups and users are empty.
Result<Json> list_entities(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    const auto arn = policy_arn(call), prefix = fields.text_or("PathPrefix"), kind = fields.text_or("EntityFilter");
    OSBOT_TRY(iam.policy(call.account, arn));
    Iam_Page page(call, "PolicyRoles");
    for (const Role* role : users_of(iam, call, arn)) {
        if (role->path.starts_with(prefix) && (kind.empty() || kind == "Role"))
            page.add(role->name, [&] { return Json{{"RoleName", role->name}, {"RoleId", role->id}}; });
    }
    Json output = std::move(page).output();
    output["PolicyGroups"] = output["PolicyUsers"] = Json::array();
    return output;
}

}  // namespace

Operations iam_policy_operations(Iam& iam) {
    return {iam,
            {{"CreatePolicy", &create_policy},
             {"CreatePolicyVersion", &create_policy_version},
             {"DeletePolicy", &delete_policy},
             {"DeletePolicyVersion", &delete_policy_version},
             {"GetPolicy", &get_policy},
             {"GetPolicyVersion", &get_policy_version},
             {"ListEntitiesForPolicy", &list_entities},
             {"ListPolicies", &list_policies},
             {"ListPolicyTags", &list_policy_tags},
             {"ListPolicyVersions", &list_policy_versions},
             {"SetDefaultPolicyVersion", &set_default_policy_version},
             {"TagPolicy", &tag_policy},
             {"UntagPolicy", &untag_policy}}};
}

}  // namespace osbot_aws::services

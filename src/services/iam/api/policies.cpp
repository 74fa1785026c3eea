// IAM's operations for managed policies.
#include <fmt/format.h>

#include <limits>

#include "base/numbers.hpp"
#include "services/iam/api/json.hpp"
#include "services/iam/api/principal.hpp"
#include "services/iam/api/tables.hpp"

namespace osbot_aws::services {
namespace {

// Default quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t document_max = 6144, policies_max = 1500, versions_max = 5;

std::string version_id(int number) { return "v" + std::to_string(number); }
std::string policy_arn(const Call& call) { return call.fields().text_or("PolicyArn"); }

std::optional<Error> bad_document(const Call& call, const std::string& document) {
    if (auto error = bad_identity_policy(document, call.account.partition())) return error;
    if (policy_size(document) > document_max) return iam_limit("PolicySize", document_max);
    return std::nullopt;
}

Result<const Policy*> readable(const Iam& iam, const Call& call) {
    const Policy* found = iam.policy(call.account, policy_arn(call));
    if (found == nullptr)
        return missing_policy(call.account, policy_arn(call), Iam::missing<Policy>(policy_arn(call)).message);
    return found;
}

/// Returns a customer managed policy, which can be changed.
Result<Policy*> changeable(Iam& iam, const Call& call) {
    OSBOT_TRY(const Policy* found, readable(iam, call));
    if (found->account.empty())
        return Error{"AccessDenied", fmt::format("{} is an AWS managed policy and cannot be changed.", found->arn),
                     403};
    return iam.find<Policy>(call.account, found->arn);
}

/// Returns the policy and its version of the input's VersionId.
Result<std::pair<const Policy*, const Policy_Version*>> version_of(const Iam& iam, const Call& call) {
    const std::string arn = policy_arn(call), id = call.fields().text_or("VersionId");
    const Policy* policy = iam.policy(call.account, arn);
    const auto number = base::parse_number<int>(std::string_view(id).substr(1, id.find('.') - 1));
    const Policy_Version* version = policy != nullptr && number ? policy->version(*number) : nullptr;
    if (version == nullptr)
        return missing_policy(call.account, arn,
                              fmt::format("Policy {} version {} does not exist or is not attachable.", arn, id));
    return std::pair{policy, version};
}

Json with_details(const Iam& iam, const Call& call, const Policy& policy) {
    Json json = policy_json(policy_usage(iam, call.account), policy);
    if (!policy.description.empty()) json["Description"] = policy.description;
    json["Tags"] = iam_tags_json(policy.tags);
    return json;
}

Result<Json> create_policy(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    Policy created;
    created.account = call.account.id;
    created.name = fields.text_or("PolicyName");
    created.path = fields.text_or("Path", "/");
    created.description = fields.text_or("Description");
    created.arn = arn_of(call.account.partition(), "policy", created);
    const std::string document = fields.text_or("PolicyDocument");
    if (auto error = bad_iam_name(created.name, "policyName")) return *error;
    if (auto error = bad_iam_path(created.path)) return *error;
    OSBOT_TRY(add_iam_tags(created.tags, fields.pairs("Tags"), has_case_sensitive_tags<Policy>));
    if (auto error = bad_document(call, document)) return *error;
    const auto& policies = iam.all<Policy>().of(call.account);
    const auto same_name = [&](const auto& each) { return base::equal_ignoring_case(each.second.name, created.name); };
    if (std::ranges::any_of(policies, same_name))
        return Error{"EntityAlreadyExists",
                     fmt::format("A policy called {} already exists. Duplicate names are not allowed.", created.name),
                     409};
    if (policies.size() >= policies_max) return iam_limit("PoliciesPerAccount", policies_max);
    created.id = new_iam_id("ANPA");
    created.created_at = created.updated_at = iam.now();
    created.versions = {{1, document, created.created_at}};
    const Policy& stored = iam.all<Policy>().put(std::move(created));
    Json json = policy_json(policy_usage(iam, call.account), stored);
    add_tags_unless_empty(json, stored.tags);
    return Json{{"Policy", std::move(json)}};
}

Result<Json> get_policy(Iam& iam, const Call& call) {
    return readable(iam, call).transform([&](const Policy* policy) {
        return Json{{"Policy", with_details(iam, call, *policy)}};
    });
}

std::vector<const Policy*> policies_of(const Iam& iam, const Call& call) {
    const std::string scope = call.fields().text_or("Scope"), prefix = call.fields().text_or("PathPrefix");
    std::vector<const Policy*> policies;
    if (scope != "AWS")
        for (const auto& [arn, policy] : iam.all<Policy>().of(call.account)) policies.push_back(&policy);
    if (scope != "Local")
        for (const auto& policy : iam.aws_policies(call.account.partition())) policies.push_back(&policy);
    std::erase_if(policies, [&](const Policy* policy) { return !policy->path.starts_with(prefix); });
    std::ranges::sort(policies, {}, &Policy::arn);
    return policies;
}

bool is_used(const Policy_Usage& usage, const Call& call, const Policy& policy) {
    const bool as_boundary = call.fields().text_or("PolicyUsageFilter") == "PermissionsBoundary";
    return (as_boundary ? usage.boundary_of(policy.arn) : usage.attached_to(policy.arn)) > 0;
}

Result<Json> list_policies(Iam& iam, const Call& call) {
    const bool only_used = call.fields().flag("OnlyAttached") || call.fields().has("PolicyUsageFilter");
    const Policy_Usage usage = policy_usage(iam, call.account);
    Iam_Page page(call, "Policies");
    for (const Policy* policy : policies_of(iam, call))
        if (!only_used || is_used(usage, call, *policy))
            page.add(policy->arn, [&] { return policy_json(usage, *policy); });
    return std::move(page).output();
}

Result<Json> delete_policy(Iam& iam, const Call& call) {
    OSBOT_TRY(const Policy* policy, changeable(iam, call));
    const Policy_Usage usage = policy_usage(iam, call.account);
    if (usage.attached_to(policy->arn) + usage.boundary_of(policy->arn) > 0)
        return Error{"DeleteConflict", "Cannot delete a policy attached to entities.", 409};
    if (policy->versions.size() > 1)
        return Error{"DeleteConflict",
                     "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                     "versions. The default version is deleted with the policy.",
                     409};
    iam.all<Policy>().erase(*policy);
    return Json::object();
}

Result<Json> create_policy_version(Iam& iam, const Call& call) {
    const std::string document = call.fields().text_or("PolicyDocument");
    OSBOT_TRY(Policy * policy, changeable(iam, call));
    if (auto error = bad_document(call, document)) return *error;
    if (policy->versions.size() >= versions_max)
        return Error{"LimitExceeded",
                     "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
                     "existing version.",
                     409};
    policy->updated_at = iam.now();
    policy->versions.push_back({++policy->last_version, document, policy->updated_at});
    if (call.fields().flag("SetAsDefault")) policy->default_version = policy->last_version;
    iam.all<Policy>().save(*policy);
    Json json = policy_version_json(*policy, policy->versions.back());
    json.erase("Document");
    return Json{{"PolicyVersion", std::move(json)}};
}

Result<Json> get_policy_version(Iam& iam, const Call& call) {
    return version_of(iam, call).transform([](const auto& found) {
        return Json{{"PolicyVersion", policy_version_json(*found.first, *found.second)}};
    });
}

/// The place of a version in the order of a list, the newest first. It does not change with newer or deleted versions.
std::string place_of(const Policy_Version& version) {
    return fmt::format("{:010}", std::numeric_limits<int>::max() - version.number);
}

/// Returns the newest first, as AWS does.
Result<Json> list_policy_versions(Iam& iam, const Call& call) {
    OSBOT_TRY(const Policy* policy, readable(iam, call));
    Iam_Page page(call, "Versions");
    for (auto version = policy->versions.rbegin(); version != policy->versions.rend(); ++version)
        page.add(place_of(*version), [&] {
            Json json = policy_version_json(*policy, *version);
            json.erase("Document");
            return json;
        });
    return std::move(page).output();
}

Result<Json> set_default_policy_version(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto found, version_of(iam, call));
    OSBOT_TRY(Policy * policy, changeable(iam, call));
    policy->default_version = found.second->number;
    policy->updated_at = iam.now();
    iam.all<Policy>().save(*policy);
    return Json::object();
}

Result<Json> delete_policy_version(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto found, version_of(iam, call));
    OSBOT_TRY(Policy * policy, changeable(iam, call));
    const int number = found.second->number;
    if (number == policy->default_version)
        return Error{"DeleteConflict", "Cannot delete the default version of a policy.", 409};
    std::erase_if(policy->versions, [&](const auto& each) { return each.number == number; });
    policy->updated_at = iam.now();
    iam.all<Policy>().save(*policy);
    return Json::object();
}

Result<Json> list_policy_tags(Iam& iam, const Call& call) {
    return readable(iam, call).and_then([&](const Policy* policy) { return iam_tag_page(call, policy->tags); });
}

/// Adds the principals of one kind that use a policy to `list`: as their boundary, or else attached.
template <class T>
void add_users_of(const Iam& iam, const Call& call, const char* list, Iam_Page& page) {
    const auto fields = call.fields();
    const std::string arn = policy_arn(call), prefix = fields.text_or("PathPrefix");
    const std::string kind = fields.text_or("EntityFilter"), title(T::kind.title);
    const std::string usage = fields.text_or("PolicyUsageFilter");
    page.add_member(list);
    if (kind == "User" || kind == "Role" || kind == "Group") {
        if (kind != title) return;
    }
    for (const auto& [name, each] : iam.all<T>().of(call.account)) {
        const bool is_attached = std::ranges::find(each.attached, arn) != each.attached.end();
        const bool is_user = (is_attached && usage != "PermissionsBoundary") ||
                             (each.permissions_boundary == arn && usage != "PermissionsPolicy");
        if (is_user && each.path.starts_with(prefix))
            page.add_to(list, title + ":" + name, [&each_ = each, &title] {
                return Json{{title + "Name", each_.name}, {title + "Id", each_.id}};
            });
    }
}

/// The place of an item begins with its kind: Group, Role, User.
Result<Json> list_entities(Iam& iam, const Call& call) {
    OSBOT_TRY(readable(iam, call));
    Iam_Page page(call, "PolicyGroups");
    add_users_of<Group>(iam, call, "PolicyGroups", page);
    add_users_of<Role>(iam, call, "PolicyRoles", page);
    add_users_of<User>(iam, call, "PolicyUsers", page);
    return std::move(page).output();
}

template <class T>
void count(const Iam& iam, const Iam_Scope& scope, Policy_Usage& usage) {
    for (const auto& [name, each] : iam.all<T>().of(scope)) {
        for (const std::string& arn : each.attached) ++usage.attached[arn];
        if (!each.permissions_boundary.empty()) ++usage.as_boundary[each.permissions_boundary];
    }
}

}  // namespace

Policy_Usage policy_usage(const Iam& iam, const Iam_Scope& scope) {
    Policy_Usage usage;
    count<User>(iam, scope, usage);
    count<Group>(iam, scope, usage);
    count<Role>(iam, scope, usage);
    return usage;
}

Json policy_json(const Policy_Usage& usage, const Policy& policy) {
    return {{"PolicyName", policy.name},
            {"PolicyId", policy.id},
            {"Arn", policy.arn},
            {"Path", policy.path},
            {"DefaultVersionId", version_id(policy.default_version)},
            {"AttachmentCount", usage.attached_to(policy.arn)},
            {"PermissionsBoundaryUsageCount", usage.boundary_of(policy.arn)},
            {"IsAttachable", true},
            {"CreateDate", policy.created_at},
            {"UpdateDate", policy.updated_at}};
}

Json policy_version_json(const Policy& policy, const Policy_Version& version) {
    return {{"VersionId", version_id(version.number)},
            {"IsDefaultVersion", version.number == policy.default_version},
            {"CreateDate", version.created_at},
            {"Document", wire::percent_encode(version.document)}};
}

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
             {"TagPolicy", &tag_entity<Policy>},
             {"UntagPolicy", &untag_entity<Policy>}}};
}

}  // namespace osbot_aws::services

// The operations that users, groups and roles have in common: their policies.
#pragma once

#include <algorithm>
#include <numeric>

#include "services/iam/api/entity.hpp"
#include "services/iam/policy/document.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

constexpr std::size_t attached_max = 10;

Json boundary_json(const std::string& arn);
/// Checks the ARN of a boundary, if it is not empty.
std::optional<Error> bad_boundary(const Iam& iam, const Account& account, const std::string& arn);
std::optional<Error> bad_policy_arn(const std::string& arn);
/// Returns the error for a policy that does not exist: NoSuchEntity, unless the ARN is of another partition.
Error missing_policy(const Account& account, const std::string& arn, std::string message);
/// Returns the error for a service-linked role, which only AWS may change.
std::optional<Error> bad_change(const Role& role);
inline std::optional<Error> bad_change(const Principal&) { return std::nullopt; }
std::string_view policy_path(std::string_view arn);
/// Returns the error for a principal that cannot be deleted yet.
Error delete_conflict(std::string_view reason);
std::optional<Error> has_policies(const Principal& principal);
/// Returns PolicyName and PolicyArn. Service-linked roles have policies that the engine does not include.
Json attached_json(const std::string& arn);
Json attached_list(const Principal& principal);  ///< by ARN
/// Returns PolicyName and PolicyDocument of each inline policy. Documents are percent-encoded in IAM's responses; SDKs
/// decode them.
Json inline_json(const Principal& principal);

/// Returns the members that all responses have.
template <class T>
Json principal_json(const T& principal) {
    const std::string title(T::kind.title);
    return {{"Path", principal.path},
            {title + "Name", principal.name},
            {title + "Id", principal.id},
            {"Arn", principal.arn},
            {"CreateDate", principal.created_at}};
}

template <class T>
Error name_taken(const std::string& name) {
    return {"EntityAlreadyExists", fmt::format("{} with name {} already exists.", T::kind.title, name), 409};
}

/// Checks the input of a Create operation and returns the new principal, not yet stored.
template <class T>
Result<T> new_principal(Iam& iam, const Call& call) {
    T created;
    OSBOT_TRY(start_entity(iam, call, fmt::format("{}Name", T::kind.word), created.created_at, created));
    created.permissions_boundary = call.fields().text_or("PermissionsBoundary");
    if (auto error = bad_boundary(iam, call.account, created.permissions_boundary)) return *error;
    if (iam.all<T>().find_ignoring_case(call.account, created.name) != nullptr) return name_taken<T>(created.name);
    if (iam.all<T>().of(call.account).size() >= T::kind.count_max)
        return iam_limit(fmt::format("{}sPerAccount", T::kind.title), T::kind.count_max);
    created.id = new_iam_id(T::kind.id_prefix);
    created.arn = arn_of(call.account.partition(), T::kind.word, created);
    return created;
}

/// Changes the name and the path of a principal. Returns the changed one.
template <class T>
Result<T*> rename_principal(Iam& iam, const Call& call) {
    const std::string title(T::kind.title);
    OSBOT_TRY(T * found, named<T>(iam, call));
    T changed = *found;
    changed.name = call.fields().text_or("New" + title + "Name", changed.name);
    changed.path = call.fields().text_or("NewPath", changed.path);
    if (auto error = bad_iam_name(changed.name, "new" + title + "Name")) return *error;
    if (auto error = bad_iam_path(changed.path)) return *error;
    const T* other = iam.all<T>().find_ignoring_case(call.account, changed.name);
    if (other != nullptr && other != found) return name_taken<T>(changed.name);
    changed.arn = arn_of(wire::partition_in(found->arn), T::kind.word, changed);
    iam.all<T>().erase(*found);
    return &iam.all<T>().put(std::move(changed));
}

template <class T>
Result<Json> set_boundary(Iam& iam, const Call& call) {
    OSBOT_TRY(T * principal, named<T>(iam, call));
    if (auto error = bad_change(*principal)) return *error;
    const std::string arn = call.fields().text_or("PermissionsBoundary");
    if (auto error = bad_boundary(iam, call.account, arn)) return *error;
    principal->permissions_boundary = arn;
    iam.all<T>().save(*principal);
    return Json::object();
}

template <class T>
Result<Json> delete_boundary(Iam& iam, const Call& call) {
    OSBOT_TRY(T * principal, named<T>(iam, call));
    if (auto error = bad_change(*principal)) return *error;
    principal->permissions_boundary.clear();
    iam.all<T>().save(*principal);
    return Json::object();
}

template <class T>
Result<Json> attach_policy(Iam& iam, const Call& call) {
    const std::string arn = call.fields().text_or("PolicyArn");
    if (auto error = bad_policy_arn(arn)) return *error;
    OSBOT_TRY(T * principal, named<T>(iam, call));
    if (auto error = bad_change(*principal)) return *error;
    if (iam.policy(call.account, arn) == nullptr)
        return missing_policy(call.account, arn, fmt::format("Policy {} does not exist or is not attachable.", arn));
    auto& attached = principal->attached;
    if (std::ranges::find(attached, arn) != attached.end()) return Json::object();
    if (attached.size() >= attached_max) return iam_limit(fmt::format("PoliciesPer{}", T::kind.title), attached_max);
    attached.push_back(arn);
    iam.all<T>().save(*principal);
    return Json::object();
}

template <class T>
Result<Json> detach_policy(Iam& iam, const Call& call) {
    const std::string arn = call.fields().text_or("PolicyArn");
    OSBOT_TRY(T * principal, named<T>(iam, call));
    if (auto error = bad_change(*principal)) return *error;
    if (std::erase(principal->attached, arn) == 0) return Iam::missing<Policy>(arn);
    iam.all<T>().save(*principal);
    return Json::object();
}

template <class T>
Result<Json> list_attached_policies(Iam& iam, const Call& call) {
    OSBOT_TRY(const T* principal, named<T>(iam, call));
    const auto prefix = call.fields().text_or("PathPrefix");
    auto arns = principal->attached;
    std::ranges::sort(arns);
    Iam_Page page(call, "AttachedPolicies");
    for (const std::string& arn : arns)
        if (policy_path(arn).starts_with(prefix)) page.add(arn, [&] { return attached_json(arn); });
    return std::move(page).output();
}

template <class T>
Result<Json> put_inline_policy(Iam& iam, const Call& call) {
    const std::string name = call.fields().text_or("PolicyName"), document = call.fields().text_or("PolicyDocument");
    if (auto error = bad_iam_name(name, "policyName")) return *error;
    OSBOT_TRY(T * principal, named<T>(iam, call));
    if (auto error = bad_change(*principal)) return *error;
    if (auto error = bad_identity_policy(document, call.account.partition())) return *error;
    auto all = principal->inline_policies;
    all[name] = document;
    const auto size = std::accumulate(all.begin(), all.end(), std::size_t{0}, [](std::size_t sum, const auto& entry) {
        return sum + policy_size(entry.second);
    });
    if (size > T::kind.inline_bytes_max)
        return Error{"LimitExceeded",
                     fmt::format("Maximum policy size of {} bytes exceeded for {} {}", T::kind.inline_bytes_max,
                                 T::kind.word, principal->name),
                     409};
    principal->inline_policies = std::move(all);
    iam.all<T>().save(*principal);
    return Json::object();
}

template <class T>
Error no_inline_policy(const std::string& name) {
    return {"NoSuchEntity", fmt::format("The {} policy with name {} cannot be found.", T::kind.word, name), 404};
}

template <class T>
Result<Json> get_inline_policy(Iam& iam, const Call& call) {
    const std::string name = call.fields().text_or("PolicyName");
    OSBOT_TRY(const T* principal, named<T>(iam, call));
    const auto found = principal->inline_policies.find(name);
    if (found == principal->inline_policies.end()) return no_inline_policy<T>(name);
    return Json{
        {T::member, principal->name}, {"PolicyName", name}, {"PolicyDocument", wire::percent_encode(found->second)}};
}

template <class T>
Result<Json> list_inline_policies(Iam& iam, const Call& call) {
    OSBOT_TRY(const T* principal, named<T>(iam, call));
    Iam_Page page(call, "PolicyNames");
    for (const auto& [name, document] : principal->inline_policies)
        page.add(name, [&name_ = name] { return Json(name_); });
    return std::move(page).output();
}

template <class T>
Result<Json> delete_inline_policy(Iam& iam, const Call& call) {
    const std::string name = call.fields().text_or("PolicyName");
    OSBOT_TRY(T * principal, named<T>(iam, call));
    if (auto error = bad_change(*principal)) return *error;
    if (principal->inline_policies.erase(name) == 0) return no_inline_policy<T>(name);
    iam.all<T>().save(*principal);
    return Json::object();
}

}  // namespace osbot_aws::services

#include "services/iam/iam.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "services/iam/iam_records.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

// Default quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t roles_max = 1000;
constexpr int arn_parts_before_account = 4;
constexpr std::size_t trust_policy_max = 2048, inline_policies_max = 10'240, attached_max = 10;

std::string role_key(const std::string& account_id, const std::string& name) { return account_id + ":" + name; }

std::optional<Error> bad_trust(const std::string& document) {
    if (auto error = bad_trust_policy(document)) return error;
    if (policy_size(document) > trust_policy_max) return iam_limit("ACLSizePerRole", trust_policy_max);
    return std::nullopt;
}

}  // namespace

Error no_such_role(const std::string& name) {
    return {"NoSuchEntity", fmt::format("The role with name {} cannot be found.", name), 404};
}

Error no_such_policy(const std::string& arn) {
    return {"NoSuchEntity", fmt::format("Policy {} was not found.", arn), 404};
}

std::string new_iam_id(std::string_view prefix) {
    return std::string(prefix) + base::upper_case(base::random_alphanumeric(17));
}

Iam::Iam(Context& context)
    : context_(context),
      role_records_(context.store, {.name = "iam_role"}),
      policy_records_(context.store, {.name = "iam_policy", .version = 2, .upgrade = upgrade_policy}) {}

void Iam::load() {
    accounts_.clear();
    role_records_.load([this](const std::string&, Role role) {
        auto& roles = accounts_[role.account].roles;
        roles.insert_or_assign(role.name, std::move(role));
    });
    policy_records_.load([this](const std::string&, Policy policy) {
        auto& policies = accounts_[policy.account].policies;
        policies.insert_or_assign(policy.arn, std::move(policy));
    });
}

const Role* Iam::find_role(const Account& account, const std::string& name) const {
    const auto entities = accounts_.find(account.id);
    if (entities == accounts_.end()) return nullptr;
    const auto role = entities->second.roles.find(name);
    return role == entities->second.roles.end() ? nullptr : &role->second;
}

Role* Iam::find_role(const Account& account, const std::string& name) {
    return const_cast<Role*>(std::as_const(*this).find_role(account, name));
}

void Iam::save(const Role& role) { role_records_.put(role_key(role.account, role.name), role); }

void Iam::save(const Policy& policy) { policy_records_.put(policy.arn, policy); }

Result<Role> Iam::create_role(const Account& account, const Create_Role& request) {
    if (auto error = bad_iam_name(request.name, "roleName")) return *error;
    if (auto error = bad_iam_path(request.path)) return *error;
    Tags tags;
    OSBOT_TRY(add_iam_tags(tags, request.tags));
    if (auto error = bad_trust(request.trust_policy)) return *error;
    if (find_role(account, request.name)) {
        return Error{"EntityAlreadyExists", fmt::format("Role with name {} already exists.", request.name), 409};
    }
    if (!request.permissions_boundary.empty() && !find_policy(account, request.permissions_boundary))
        return no_such_policy(request.permissions_boundary);
    if (accounts_[account.id].roles.size() >= roles_max) return iam_limit("RolesPerAccount", roles_max);
    const Role created{.account = account.id,
                       .name = request.name,
                       .id = new_iam_id("AROA"),
                       .arn = fmt::format("arn:aws:iam::{}:role{}{}", account.id, request.path, request.name),
                       .path = request.path,
                       .description = request.description,
                       .trust_policy = request.trust_policy,
                       .session_s_max = request.session_s_max,
                       .signin_s_max = request.signin_s_max,
                       .created_at = base::iso8601_z(context_.now()),
                       .inline_policies = {},
                       .attached = {},
                       .tags = std::move(tags),
                       .permissions_boundary = request.permissions_boundary,
                       .last_used_at = "",
                       .last_used_region = ""};
    accounts_[account.id].roles[request.name] = created;
    save(created);
    return created;
}

Result<Role> Iam::role(const Account& account, const std::string& name) const {
    const auto* found = find_role(account, name);
    if (!found) return no_such_role(name);
    return *found;
}

const Role* Iam::role_by_arn(const std::string& arn) const {
    std::string_view rest = arn;  // arn:aws:iam::<account>:role/<path/><name>
    for (int part = 0; part < arn_parts_before_account; ++part) base::take_until(rest, ':');
    const auto account = base::take_until(rest, ':');
    const auto* role = find_role({.id = std::string(account)}, std::string(rest.substr(rest.rfind('/') + 1)));
    return role && role->arn == arn ? role : nullptr;
}

template <class Predicate>
std::vector<const Role*> Iam::roles_where(const Account& account, Predicate predicate) const {
    std::vector<const Role*> found;
    const auto entities = accounts_.find(account.id);
    if (entities == accounts_.end()) return found;
    for (const auto& [name, role] : entities->second.roles) {
        if (predicate(role)) found.push_back(&role);
    }
    return found;
}

std::vector<const Role*> Iam::roles(const Account& account, const std::string& path_prefix) const {
    return roles_where(account, [&](const Role& role) { return role.path.starts_with(path_prefix); });
}

std::vector<const Role*> Iam::attached_to(const Account& account, const std::string& arn) const {
    return roles_where(account,
                       [&](const Role& role) { return std::ranges::find(role.attached, arn) != role.attached.end(); });
}

std::vector<const Role*> Iam::bounded_by(const Account& account, const std::string& arn) const {
    return roles_where(account, [&](const Role& role) { return role.permissions_boundary == arn; });
}

Result<Role> Iam::update_role(const Account& account, const Update_Role& request) {
    if (request.signin_s_max && request.resets_signin) {
        return Error{"InvalidInput",
                     "MaxSigninSessionDuration cannot be specified when ResetMaxSigninSessionDuration is true.", 400};
    }
    auto* found = find_role(account, request.name);
    if (!found) return no_such_role(request.name);
    if (request.description) found->description = *request.description;
    if (request.session_s_max) found->session_s_max = *request.session_s_max;
    if (request.signin_s_max || request.resets_signin) found->signin_s_max = request.signin_s_max;
    save(*found);
    return *found;
}

Result<void> Iam::update_trust_policy(const Account& account, const std::string& role, const std::string& document) {
    auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    if (auto error = bad_trust(document)) return *error;
    found->trust_policy = document;
    save(*found);
    return {};
}

Result<void> Iam::set_permissions_boundary(const Account& account, const std::string& role, const std::string& arn) {
    auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    if (!arn.empty() && !find_policy(account, arn)) return no_such_policy(arn);
    if (arn.empty() && found->permissions_boundary.empty()) {
        return Error{"NoSuchEntity", fmt::format("The role with name {} has no permissions boundary.", role), 404};
    }
    found->permissions_boundary = arn;
    save(*found);
    return {};
}

Result<void> Iam::tag_role(const Account& account, const std::string& role, const Tags& tags) {
    auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    OSBOT_TRY(add_iam_tags(found->tags, tags));
    save(*found);
    return {};
}

Result<void> Iam::untag_role(const Account& account, const std::string& role, const std::vector<std::string>& keys) {
    auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    remove_iam_tags(found->tags, keys);
    save(*found);
    return {};
}

Result<void> Iam::delete_role(const Account& account, const std::string& name) {
    const auto* role = find_role(account, name);
    if (!role) return no_such_role(name);
    if (!role->attached.empty()) {
        return Error{"DeleteConflict", "Cannot delete entity, must detach all policies first.", 409};
    }
    if (!role->inline_policies.empty()) {
        return Error{"DeleteConflict", "Cannot delete entity, must delete policies first.", 409};
    }
    role_records_.erase(role_key(account.id, name));
    accounts_[account.id].roles.erase(name);
    return {};
}

void Iam::record_role_use(const std::string& arn, const std::string& region) {
    const auto* found = role_by_arn(arn);
    if (!found) return;
    constexpr std::size_t account_at = std::string_view("arn:aws:iam::").size(), account_size = 12;
    const Account account{.id = arn.substr(account_at, account_size), .region = region};
    auto& role = *find_role(account, found->name);
    role.last_used_at = base::iso8601_z(context_.now());
    role.last_used_region = region;
    save(role);
}

Result<void> Iam::attach(const Account& account, const std::string& role, const std::string& policy_arn) {
    auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    if (!find_policy(account, policy_arn)) {
        return Error{"NoSuchEntity", fmt::format("Policy {} does not exist or is not attachable.", policy_arn), 404};
    }
    if (std::ranges::find(found->attached, policy_arn) != found->attached.end()) return {};
    if (found->attached.size() >= attached_max) return iam_limit("PoliciesPerRole", attached_max);
    found->attached.push_back(policy_arn);
    save(*found);
    return {};
}

Result<void> Iam::detach(const Account& account, const std::string& role, const std::string& policy_arn) {
    auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    if (std::erase(found->attached, policy_arn) == 0) return no_such_policy(policy_arn);
    save(*found);
    return {};
}

Result<std::vector<const Policy*>> Iam::attached(const Account& account, const std::string& role) const {
    const auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    std::vector<const Policy*> policies;
    for (const auto& arn : found->attached) {
        if (const auto* policy = find_policy(account, arn)) policies.push_back(policy);
    }
    std::ranges::sort(policies, {}, &Policy::arn);
    return policies;
}

Result<void> Iam::put_inline(const Account& account, const std::string& role, const std::string& policy,
                             const std::string& document) {
    if (auto error = bad_iam_name(policy, "policyName")) return *error;
    auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    if (auto error = bad_identity_policy(document)) return *error;
    auto all = found->inline_policies;
    all[policy] = document;
    const auto size = std::accumulate(all.begin(), all.end(), std::size_t{0}, [](std::size_t sum, const auto& entry) {
        return sum + policy_size(entry.second);
    });
    if (size > inline_policies_max) {
        return Error{"LimitExceeded",
                     fmt::format("Maximum policy size of {} bytes exceeded for role {}", inline_policies_max, role),
                     409};
    }
    found->inline_policies = std::move(all);
    save(*found);
    return {};
}

Result<std::string> Iam::inline_document(const Account& account, const std::string& role,
                                         const std::string& policy) const {
    const auto* found = find_role(account, role);
    if (!found) return no_such_role(role);
    const auto document = found->inline_policies.find(policy);
    if (document == found->inline_policies.end()) {
        return Error{"NoSuchEntity", fmt::format("The role policy with name {} cannot be found.", policy), 404};
    }
    return document->second;
}

Result<void> Iam::delete_inline(const Account& account, const std::string& role, const std::string& policy) {
    OSBOT_TRY(inline_document(account, role, policy));
    auto* found = find_role(account, role);
    found->inline_policies.erase(policy);
    save(*found);
    return {};
}

}  // namespace osbot_aws::services

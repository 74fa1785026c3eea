// Managed policies: customer managed policies with their versions, and AWS managed policies.
#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "base/time_text.hpp"
#include "services/iam/iam.hpp"
#include "services/iam/iam_records.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view aws_policy_prefix = "arn:aws:iam::aws:";

// Default quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t document_max = 6144, policies_max = 1500, versions_max = 5;

std::optional<Error> bad_document(const std::string& document) {
    if (auto error = bad_identity_policy(document)) return error;
    if (policy_size(document) > document_max) return iam_limit("PolicySize", document_max);
    return std::nullopt;
}

Error no_such_version(const std::string& arn, const std::string& version) {
    return {"NoSuchEntity", fmt::format("Policy {} version {} does not exist or is not attachable.", arn, version),
            404};
}

/// Parses "v12".
std::optional<int> version_number(std::string_view version) {
    if (!version.starts_with('v')) return std::nullopt;
    return base::parse_number<int>(version.substr(1));
}

}  // namespace

const Policy_Version* Policy::version(int number) const {
    const auto found = std::ranges::find(versions, number, &Policy_Version::number);
    return found == versions.end() ? nullptr : &*found;
}

const std::vector<Policy>& Iam::aws_policies() { return aws_managed_policies(); }

const Policy* Iam::find_policy(const Account& account, const std::string& arn) const {
    if (arn.starts_with(aws_policy_prefix)) {
        const auto found = std::ranges::lower_bound(aws_policies(), arn, {}, &Policy::arn);
        return found != aws_policies().end() && found->arn == arn ? &*found : nullptr;
    }
    const auto entities = accounts_.find(account.id);
    if (entities == accounts_.end()) return nullptr;
    const auto policy = entities->second.policies.find(arn);
    return policy == entities->second.policies.end() ? nullptr : &policy->second;
}

/// Returns a customer managed policy, which can be changed.
Result<Policy*> Iam::customer_policy(const Account& account, const std::string& arn) {
    const auto* found = find_policy(account, arn);
    if (!found) return no_such_policy(arn);
    if (arn.starts_with(aws_policy_prefix))
        return Error{"AccessDenied", fmt::format("{} is an AWS managed policy and cannot be changed.", arn), 403};
    return const_cast<Policy*>(found);
}

Result<Policy> Iam::create_policy(const Account& account, const Create_Policy& request) {
    if (auto error = bad_iam_name(request.name, "policyName")) return *error;
    if (auto error = bad_iam_path(request.path)) return *error;
    Tags tags;
    OSBOT_TRY(add_iam_tags(tags, request.tags));
    if (auto error = bad_document(request.document)) return *error;
    auto& policies = accounts_[account.id].policies;
    const auto same_name = [&](const auto& entry) { return entry.second.name == request.name; };
    if (std::ranges::any_of(policies, same_name)) {
        return Error{"EntityAlreadyExists",
                     fmt::format("A policy called {} already exists. Duplicate names are not allowed.", request.name),
                     409};
    }
    if (policies.size() >= policies_max) return iam_limit("PoliciesPerAccount", policies_max);
    const auto now = base::iso8601_z(context_.now());
    const Policy created{.account = account.id,
                         .name = request.name,
                         .id = new_iam_id("ANPA"),
                         .arn = fmt::format("arn:aws:iam::{}:policy{}{}", account.id, request.path, request.name),
                         .path = request.path,
                         .description = request.description,
                         .created_at = now,
                         .updated_at = now,
                         .versions = {{1, request.document, now}},
                         .default_version = 1,
                         .last_version = 1,
                         .tags = std::move(tags)};
    policies[created.arn] = created;
    save(created);
    return created;
}

Result<Policy> Iam::policy(const Account& account, const std::string& arn) const {
    const auto* found = find_policy(account, arn);
    if (!found) return no_such_policy(arn);
    return *found;
}

std::vector<const Policy*> Iam::policies(const Account& account, const std::string& path_prefix) const {
    std::vector<const Policy*> found;
    const auto entities = accounts_.find(account.id);
    if (entities == accounts_.end()) return found;
    for (const auto& [arn, policy] : entities->second.policies) {
        if (policy.path.starts_with(path_prefix)) found.push_back(&policy);
    }
    return found;
}

Result<void> Iam::delete_policy(const Account& account, const std::string& arn) {
    OSBOT_TRY(const auto found, customer_policy(account, arn));
    if (!attached_to(account, arn).empty() || !bounded_by(account, arn).empty()) {
        return Error{"DeleteConflict", "Cannot delete a policy attached to entities.", 409};
    }
    if (found->versions.size() > 1) {
        return Error{"DeleteConflict",
                     "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                     "versions. The default version is deleted with the policy.",
                     409};
    }
    policy_records_.erase(arn);
    accounts_[account.id].policies.erase(arn);
    return {};
}

Result<Policy_Version> Iam::create_version(const Account& account, const std::string& arn, const std::string& document,
                                           bool as_default) {
    OSBOT_TRY(const auto found, customer_policy(account, arn));
    if (auto error = bad_document(document)) return *error;
    auto& policy = *found;
    if (policy.versions.size() >= versions_max) {
        return Error{"LimitExceeded",
                     "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
                     "existing version.",
                     409};
    }
    policy.updated_at = base::iso8601_z(context_.now());
    policy.versions.push_back({++policy.last_version, document, policy.updated_at});
    if (as_default) policy.default_version = policy.last_version;
    save(policy);
    return policy.versions.back();
}

Result<Policy_Version> Iam::version(const Account& account, const std::string& arn, const std::string& version) const {
    const auto* policy = find_policy(account, arn);
    if (!policy) return no_such_policy(arn);
    const auto number = version_number(version);
    const auto* found = number ? policy->version(*number) : nullptr;
    if (!found) return no_such_version(arn, version);
    return *found;
}

Result<void> Iam::set_default_version(const Account& account, const std::string& arn, const std::string& version) {
    OSBOT_TRY(const auto policy, customer_policy(account, arn));
    OSBOT_TRY(const auto found, this->version(account, arn, version));
    policy->default_version = found.number;
    policy->updated_at = base::iso8601_z(context_.now());
    save(*policy);
    return {};
}

Result<void> Iam::delete_version(const Account& account, const std::string& arn, const std::string& version) {
    OSBOT_TRY(const auto policy, customer_policy(account, arn));
    OSBOT_TRY(const auto found, this->version(account, arn, version));
    if (found.number == policy->default_version)
        return Error{"DeleteConflict", "Cannot delete the default version of a policy.", 409};
    std::erase_if(policy->versions, [&](const auto& item) { return item.number == found.number; });
    policy->updated_at = base::iso8601_z(context_.now());
    save(*policy);
    return {};
}

Result<void> Iam::tag_policy(const Account& account, const std::string& arn, const Tags& tags) {
    OSBOT_TRY(const auto found, customer_policy(account, arn));
    OSBOT_TRY(add_iam_tags(found->tags, tags));
    save(*found);
    return {};
}

Result<void> Iam::untag_policy(const Account& account, const std::string& arn, const std::vector<std::string>& keys) {
    OSBOT_TRY(const auto found, customer_policy(account, arn));
    remove_iam_tags(found->tags, keys);
    save(*found);
    return {};
}

}  // namespace osbot_aws::services

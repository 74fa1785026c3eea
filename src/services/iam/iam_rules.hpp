#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::services {

using Tags = std::vector<std::pair<std::string, std::string>>;

// IAM's rules for names, documents and tags that its model does not have, or words otherwise, with IAM's error
// messages: ValidationError, MalformedPolicyDocument, LimitExceeded, InvalidInput.

Error unsatisfied_iam(std::string_view value, std::string_view member, std::string_view constraint);
Error iam_limit(std::string_view quota, std::size_t max);

std::optional<Error> bad_iam_name(const std::string& name, std::string_view member);
std::optional<Error> bad_iam_path(const std::string& path);

/// Checks a role's trust policy.
std::optional<Error> bad_trust_policy(const std::string& document);
/// Checks a permissions policy, managed or inline.
std::optional<Error> bad_identity_policy(const std::string& document);
/// Returns the size that counts for quotas: without white space.
std::size_t policy_size(std::string_view document);

/// Adds or replaces tags. Keys are case-insensitive.
Result<void> add_iam_tags(Tags& tags, const Tags& added);
void remove_iam_tags(Tags& tags, const std::vector<std::string>& keys);

}  // namespace osbot_aws::services

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::engine {

using Tags = std::vector<std::pair<std::string, std::string>>;

// What IAM asks of names, documents and tags, in its words: ValidationError, MalformedPolicyDocument, LimitExceeded,
// InvalidInput.

Error unsatisfied_iam(std::string_view value, std::string_view member, std::string_view constraint);
Error iam_limit(std::string_view quota, std::size_t max);

std::optional<Error> bad_iam_name(const std::string& name, std::string_view member, std::size_t size_max);
std::optional<Error> bad_iam_path(const std::string& path);
std::optional<Error> bad_iam_description(const std::string& description);
std::optional<Error> bad_session_duration(int seconds);

/// A role's: who may assume it.
std::optional<Error> bad_trust_policy(const std::string& document);
/// A managed or an inline one: what is allowed.
std::optional<Error> bad_identity_policy(const std::string& document);
/// White space is free.
std::size_t policy_size(std::string_view document);

/// Adds or replaces; keys that differ only in case are one.
Result<void> add_iam_tags(Tags& tags, const Tags& added);
Result<void> remove_iam_tags(Tags& tags, const std::vector<std::string>& keys);

}  // namespace osbot_aws::engine

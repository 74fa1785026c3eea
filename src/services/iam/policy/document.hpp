#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::services {

// The grammar of policies, with IAM's messages of MalformedPolicyDocument.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

/// Checks a role's trust policy.
std::optional<Error> bad_trust_policy(const std::string& document);
/// Checks a permissions policy, managed or inline, of a principal in a partition.
std::optional<Error> bad_identity_policy(const std::string& document, std::string_view partition);
/// Checks a session policy: its version may be missing or older.
std::optional<Error> bad_session_policy(const std::string& document, std::string_view partition);
/// Checks a resource's policy, as a simulation has it.
std::optional<Error> bad_resource_policy(const std::string& document);
/// Returns true for a version of the policy language.
bool is_policy_version(const Json& version);
/// Returns a value that is a text or a list of texts, as a list. Other values of old records are left out.
std::vector<std::string> policy_texts(const Json& value);
/// Returns the size that counts for quotas: without white space.
std::size_t policy_size(std::string_view document);

}  // namespace osbot_aws::services

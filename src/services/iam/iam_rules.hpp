#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/iam/entities.hpp"

namespace osbot_aws::services {

// IAM's rules for names and tags that its model does not have, or words otherwise, with IAM's error
// messages: ValidationError, LimitExceeded, InvalidInput.

Error unsatisfied_iam(std::string_view value, std::string_view member, std::string_view constraint);
Error iam_limit(std::string_view quota, std::size_t max);

std::optional<Error> bad_iam_name(const std::string& name, std::string_view member);
std::optional<Error> bad_iam_path(const std::string& path);

/// Adds or replaces tags. `is_case_sensitive`: whether keys are (has_case_sensitive_tags).
Result<void> add_iam_tags(Tags& tags, const Tags& added, bool is_case_sensitive);
void remove_iam_tags(Tags& tags, const std::vector<std::string>& keys, bool is_case_sensitive);

}  // namespace osbot_aws::services

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace osbot_aws::services {

/// Returns IAM's message for a resource of a policy that is neither "*" nor an ARN of this or of any partition.
std::optional<std::string> resource_format_problem(const std::string& resource, std::string_view partition);
/// Returns true if the older of AWS's two parsers accepts a resource.
bool passes_legacy_parser(const std::string& resource);

}  // namespace osbot_aws::services

#pragma once

#include <optional>
#include <string_view>

namespace osbot_aws::services {

/// Returns true for a date of a condition in a form that IAM accepts: a Unix time, or ISO 8601 with parts omitted.
/// Source: https://www.w3.org/TR/NOTE-datetime
bool is_policy_date(std::string_view text);

/// Returns the Unix time of a date of a condition or of a context key, in seconds.
std::optional<double> policy_date_s(std::string_view text);

}  // namespace osbot_aws::services

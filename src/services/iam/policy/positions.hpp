#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "services/iam/policy/statement.hpp"

namespace osbot_aws::services {

/// Returns the first and the last character of each statement in the text of a policy, which is valid JSON.
std::vector<std::pair<Text_Position, Text_Position>> statement_places(std::string_view document);

}  // namespace osbot_aws::services

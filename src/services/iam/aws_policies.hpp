#pragma once

#include <string>

namespace osbot_aws::services {

/// Returns a table of AWS managed policies, in the form of aws_policies.tsv.
using Aws_Policy_Table = std::string (*)();

/// The table of all AWS managed policies. Programs that do not name this function do not contain the table: each
/// deployment packs the program.
std::string all_aws_policies();

}  // namespace osbot_aws::services

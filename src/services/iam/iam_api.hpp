#pragma once

#include "services/iam/iam.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

/// All operations of IAM.
Operations iam_operations(Iam& iam);

}  // namespace osbot_aws::services

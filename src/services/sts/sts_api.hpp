#pragma once

#include "services/operations.hpp"
#include "services/sts/sts.hpp"

namespace osbot_aws::services {

Operations sts_operations(Sts& sts);

}  // namespace osbot_aws::services

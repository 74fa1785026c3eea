#pragma once

#include "services/logs/logs.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

Operations logs_operations(Logs& logs);

}  // namespace osbot_aws::services

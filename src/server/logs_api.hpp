#pragma once

#include "engine/logs/logs.hpp"
#include "server/operations.hpp"

namespace osbot_aws::server {

Operations logs_operations(engine::Logs& logs);

}  // namespace osbot_aws::server

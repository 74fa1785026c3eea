#pragma once

#include "engine/sts/sts.hpp"
#include "server/operations.hpp"

namespace osbot_aws::server {

Operations sts_operations(engine::Sts& sts);

}  // namespace osbot_aws::server

#pragma once

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// In the child. Memory is not among them: RLIMIT_AS counts address space, of which node reserves gigabytes.
Failure set_limits(const Child_Plan& plan);

}  // namespace osbot_aws::sandbox

#pragma once

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// Sets the resource limits; runs in the child. Does not limit memory: RLIMIT_AS counts address space, and Node.js
/// reserves gigabytes of it.
Failure set_limits(const Child_Plan& plan);

}  // namespace osbot_aws::sandbox

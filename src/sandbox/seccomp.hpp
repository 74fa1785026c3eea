#pragma once

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// Returns the system call filter, which is compiled once. Errors: SandboxSeccompFailed.
Result<const sock_fprog*> system_call_filter();

/// Sets no_new_privs and installs plan.filter, if any; runs in the child.
Failure install_filter(const Child_Plan& plan);

}  // namespace osbot_aws::sandbox

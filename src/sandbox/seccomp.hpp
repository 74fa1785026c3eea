#pragma once

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// The compiled filter, made once for the program. Errors: SandboxSeccompFailed.
Result<const sock_fprog*> system_call_filter();

/// In the child: no_new_privs, then plan.filter if there is one.
Failure install_filter(const Child_Plan& plan);

}  // namespace osbot_aws::sandbox

#pragma once

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// Process 1 of the new namespaces: prepares them, starts the function's process, reaps, passes SIGTERM on, and ends
/// when that process or the engine does; the kernel then ends all that is left inside. Never returns.
[[noreturn]] void run_first_process(Child_Plan& plan);

/// The function's process, up to exec. Shares memory with its suspended parent; leaves plan.failure if exec didn't
/// happen. The signature is clone()'s.
int run_main_process(void* plan);

/// Starts run_main_process and waits until it has executed or failed. The pid, or -1 with plan.failure.
/// `pidfd`: where to put one; may be null.
long start_main_process(Child_Plan& plan, int* pidfd);

}  // namespace osbot_aws::sandbox

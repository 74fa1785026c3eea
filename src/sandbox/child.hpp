#pragma once

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// Runs process 1 of the new namespaces: prepares them, starts the function's process, reaps processes and forwards
/// SIGTERM. Exits when the function's process or the engine exits; the kernel then kills all processes inside. Never
/// returns.
[[noreturn]] void run_first_process(Child_Plan& plan);

/// Runs the function's process up to exec. Shares memory with its suspended parent and sets plan.failure if it does not
/// reach exec. The signature is required by clone().
int run_main_process(void* plan);

/// Starts run_main_process and waits until exec has succeeded or failed. Returns the pid, or -1 and sets plan.failure.
/// `pidfd` receives a pidfd of the process; may be null.
long start_main_process(Child_Plan& plan, int* pidfd);

/// Returns the highest resident memory of this process. A child of start_main_process() shares the memory until exec,
/// and the kernel includes that in the peak that it reports for the child: a lower peak is not that of the program.
long own_memory_kb_peak();

}  // namespace osbot_aws::sandbox

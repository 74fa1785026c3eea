#pragma once

#include "sandbox/fd.hpp"
#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

struct Cloned {
    pid_t pid = -1;
    Fd pidfd;
    int error = 0;  ///< errno, when pid is -1
};

/// Clones straight into new user, mount, pid, ipc, uts and (plan.loopback) network namespaces, where the child runs
/// run_first_process(plan). The child is invisible to waitpid(-1) of the embedding program and sends no SIGCHLD.
Cloned clone_into_namespaces(Child_Plan& plan);

/// In the child: makes us 993:990 inside, which are the engine's own ids outside.
Failure map_ids(const Child_Plan& plan);

}  // namespace osbot_aws::sandbox

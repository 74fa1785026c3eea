#pragma once

#include "sandbox/fd.hpp"
#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

struct Cloned {
    pid_t pid = -1;
    Fd pidfd;
    int error = 0;  ///< errno if pid is -1
};

/// Clones this process into new user, mount, pid, ipc, uts and (plan.loopback) network namespaces. The child runs
/// run_first_process(plan). It is invisible to waitpid(-1) of the embedding program and sends no SIGCHLD.
Cloned clone_into_namespaces(Child_Plan& plan);

/// Maps uid 993 and gid 990 inside to the engine's ids outside; runs in the child.
Failure map_ids(const Child_Plan& plan);

}  // namespace osbot_aws::sandbox

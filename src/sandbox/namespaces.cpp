#include "sandbox/namespaces.hpp"

#include <linux/sched.h>
#include <signal.h>

#include "sandbox/child.hpp"
#include "sandbox/raw.hpp"

namespace osbot_aws::sandbox {

OSBOT_CHILD Cloned clone_into_namespaces(Child_Plan& plan) {
    int pidfd = -1;
    clone_args args = {};
    args.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_PIDFD;
    if (plan.loopback) args.flags |= CLONE_NEWNET;
    args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);

    // Signal handlers of the engine must not run in the child: all signals are blocked before the clone, and the child
    // resets the handlers first.
    const std::uint64_t all = ~std::uint64_t{0};
    std::uint64_t before = 0;
    raw::call(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    long pid = raw::call(SYS_clone3, &args, sizeof args);
    // Container runtimes reject clone3 with ENOSYS, because seccomp filters cannot read its flags. clone then fails
    // with the real reason.
    if (pid < 0 && errno == ENOSYS) pid = raw::call(SYS_clone, args.flags, nullptr, &pidfd, nullptr, nullptr);
    if (pid == 0) run_first_process(plan);
    const int error = errno;
    raw::call(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof before);

    Cloned cloned;
    cloned.pid = static_cast<pid_t>(pid);
    cloned.pidfd = Fd(pidfd);
    cloned.error = pid < 0 ? error : 0;
    return cloned;
}

OSBOT_CHILD Failure map_ids(const Child_Plan& plan) {
    // An unprivileged user may write gid_map only after "deny" (user_namespaces(7)).
    if (raw::write_file("/proc/self/setgroups", "deny", O_WRONLY | O_CLOEXEC, 0) < 0 && errno != ENOENT)
        return {Step::id_map, errno, 0};
    if (raw::write_file("/proc/self/uid_map", plan.uid_map, O_WRONLY | O_CLOEXEC, 0) < 0)
        return {Step::id_map, errno, 0};
    if (raw::write_file("/proc/self/gid_map", plan.gid_map, O_WRONLY | O_CLOEXEC, 0) < 0)
        return {Step::id_map, errno, 0};
    return {};
}

}  // namespace osbot_aws::sandbox

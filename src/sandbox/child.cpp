#include "sandbox/child.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "sandbox/engine_memory.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/mounts.hpp"
#include "sandbox/namespaces.hpp"
#include "sandbox/network.hpp"
#include "sandbox/raw.hpp"
#include "sandbox/seccomp.hpp"

#ifdef __GLIBC__
// glibc's clone() under a name that ThreadSanitizer does not replace. The replacement treats every clone as a fork and
// stops detecting races in a parent that shares its memory with the child.
extern "C" int __clone(  // NOLINT(bugprone-reserved-identifier): glibc's own name
    int (*function)(void*), void* stack, int flags, void* argument, ...);
#else
#define __clone ::clone
#endif

namespace osbot_aws::sandbox {
namespace {

constexpr std::uint64_t bit_of(int signal_number) { return std::uint64_t{1} << (signal_number - 1); }

[[noreturn]] OSBOT_CHILD void end(int status) {
    for (;;) raw::call(SYS_exit_group, status);
}

OSBOT_CHILD void send_report(int fd, Report report) {
    raw::call(SYS_sendto, fd, &report, sizeof report, MSG_NOSIGNAL, nullptr, 0);
}

OSBOT_CHILD void reset_signals() {
    struct {
        void* handler;
        unsigned long flags;
        void* restorer;
        std::uint64_t mask;
    } standard = {nullptr, 0, nullptr, 0};  // the kernel's own struct sigaction; zero is SIG_DFL
    for (int number = 1; number <= 64; ++number)
        raw::call(SYS_rt_sigaction, number, &standard, nullptr, sizeof(std::uint64_t));
}

/// Closes all descriptors that the plan does not need: a clone of the engine inherits its sockets and the pipes of
/// other sandboxes.
OSBOT_CHILD void close_inherited(const Child_Plan& plan) {
    const int needed[] = {plan.stdin_fd,      plan.stdout_fd,     plan.stderr_fd,     plan.cgroup_fds[0],
                          plan.cgroup_fds[1], plan.cgroup_fds[2], plan.companions_fd, plan.report_fd};
    int from = 0;
    for (;;) {
        int next = -1;  // the lowest needed descriptor that is not below `from`
        for (const int fd : needed)
            if (fd >= from && (next < 0 || fd < next)) next = fd;
        if (next < 0) break;
        if (next > from) raw::call(SYS_close_range, from, next - 1, 0);
        from = next + 1;
    }
    raw::call(SYS_close_range, from, ~0U, 0);
}

OSBOT_CHILD Failure connect_output(const Child_Plan& plan) {
    if (raw::call(SYS_dup3, plan.stdin_fd, 0, 0) < 0) return {Step::output, errno, 0};
    if (raw::call(SYS_dup3, plan.stdout_fd, 1, 0) < 0) return {Step::output, errno, 0};
    if (raw::call(SYS_dup3, plan.stderr_fd, 2, 0) < 0) return {Step::output, errno, 0};
    return {};
}

OSBOT_CHILD void close_from_three() {
    if (raw::call(SYS_close_range, 3, ~0U, 0) == 0) return;
    for (int fd = 3; fd < 4096; ++fd) raw::call(SYS_close, fd);  // Linux < 5.9
}

OSBOT_CHILD Failure enter_cgroup(const Child_Plan& plan) {
    const char self = '0';
    for (const int fd : plan.cgroup_fds)
        if (fd >= 0 && raw::call(SYS_write, fd, &self, 1) != 1) return {Step::cgroup, errno, 0};
    return {};
}

/// Makes the kernel kill this process when the thread that started it exits. For children without namespaces; see
/// plain.cpp.
OSBOT_CHILD void die_with_the_engine(const Child_Plan& plan) {
    if (plan.die_with == 0) return;
    raw::call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (raw::call(SYS_getppid) != plan.die_with) end(127);  // the engine exited before the call
}

OSBOT_CHILD Failure prepare_and_exec(const Child_Plan& plan) {
    raw::call(SYS_setsid);  // a separate session, by which process.cpp finds all of its processes
    die_with_the_engine(plan);
    if (const Failure failure = connect_output(plan); failure.step != Step::none) return failure;
    if (const Failure failure = enter_cgroup(plan); failure.step != Step::none) return failure;
    close_from_three();
    if (raw::call(SYS_chdir, plan.directory) < 0) return {Step::directory, errno, 0};
    if (plan.limits)
        if (const Failure failure = set_limits(plan); failure.step != Step::none) return failure;
    if (plan.confined)
        if (const Failure failure = install_filter(plan); failure.step != Step::none) return failure;
    const std::uint64_t none = 0;
    raw::call(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
    raw::call(SYS_execve, plan.argv[0], plan.argv, plan.environment);
    return {Step::exec, errno, 0};
}

OSBOT_CHILD Failure prepare_namespaces(const Child_Plan& plan) {
    if (const Failure failure = map_ids(plan); failure.step != Step::none) return failure;
    if (const Failure failure = enter_new_root(plan); failure.step != Step::none) return failure;
    if (plan.loopback)
        if (const Failure failure = open_listeners(plan); failure.step != Step::none) return failure;
    return {};
}

/// The processes that process 1 has started; 0: not started, or ended.
struct Children {
    long main_process = 0;
    long companions[companions_max] = {};
    int companions_count = 0;
};

/// Reaps all processes that exited, and reports companions. Returns true and how it ended if the function's process was
/// among them.
OSBOT_CHILD bool reap(int report_fd, const Children& children, Report& ended) {
    for (;;) {
        int wait_status = 0;
        rusage use;
        const long pid = raw::call(SYS_wait4, -1, &wait_status, WNOHANG | __WALL, &use);
        if (pid <= 0) return false;
        for (int i = 0; i < children.companions_count; ++i)
            if (pid == children.companions[i]) send_report(report_fd, {Report::Kind::ended, {}, wait_status, 0, i});
        if (pid != children.main_process) continue;
        ended = {Report::Kind::ended, {}, wait_status, use.ru_maxrss, -1};
        return true;
    }
}

/// Waits for a signal or, if `requests`, for a request of the engine. Returns true if there is a request. Ends if the
/// engine exited or was killed.
OSBOT_CHILD bool wait_for_event(int report_fd, int signals, long main_process, bool requests) {
    pollfd events[] = {{signals, POLLIN, 0}, {report_fd, static_cast<short>(requests ? POLLIN : 0), 0}};
    raw::call(SYS_poll, events, 2, -1);
    if ((events[1].revents & (POLLHUP | POLLERR)) != 0) end(128 + SIGKILL);
    signalfd_siginfo info;
    while (raw::call(SYS_read, signals, &info, sizeof info) == static_cast<long>(sizeof info))
        // To the main thread: Python runs its handlers there, and another thread could take the signal after a thaw.
        if (info.ssi_signo == SIGTERM && main_process > 0) raw::call(SYS_tgkill, main_process, main_process, SIGTERM);
    return (events[1].revents & POLLIN) != 0;
}

OSBOT_CHILD Report watch(int report_fd, int signals, const Children& children) {
    for (;;) {
        Report ended;
        if (reap(report_fd, children, ended)) return ended;
        wait_for_event(report_fd, signals, children.main_process, false);
    }
}

/// Waits until the engine requests the start of the function's process.
OSBOT_CHILD void wait_for_start(int report_fd, int signals, const Children& children) {
    Report none;
    while (!wait_for_event(report_fd, signals, 0, true)) reap(report_fd, children, none);
    char byte = 0;
    raw::call(SYS_recvfrom, report_fd, &byte, 1, 0, nullptr, nullptr);
}

/// Lets the companions run after the function's process ended, until the engine kills this process.
[[noreturn]] OSBOT_CHILD void watch_companions(int report_fd, int signals, Children& children) {
    children.main_process = 0;
    for (;;) watch(report_fd, signals, children);
}

[[noreturn]] OSBOT_CHILD void fail(const Child_Plan& plan, Failure failure) {
    send_report(plan.report_fd, {Report::Kind::failed, failure, 0, 0, -1});
    end(127);
}

OSBOT_CHILD long start_companion(const Child_Plan& plan, int index, Failure& failure) {
    const char* const argv[] = {plan.companions[index], nullptr};
    Child_Plan companion = plan;
    companion.argv = argv;
    companion.environment = plan.companions_environment;
    companion.directory = "/";
    companion.stdout_fd = companion.stderr_fd = plan.companions_fd;
    const long pid = start_main_process(companion, nullptr);
    failure = companion.failure;
    if (failure.step == Step::exec) failure.index = index + 1;
    return pid;
}

/// Starts the companions and waits until the engine requests the start of the function's process.
OSBOT_CHILD void start_companions(const Child_Plan& plan, int signals, Children& children) {
    for (int i = 0; i < plan.companions_count; ++i) {
        Failure failure;
        children.companions[i] = start_companion(plan, i, failure);
        if (children.companions[i] < 0) fail(plan, failure);
        children.companions_count = i + 1;
    }
    if (plan.companions_count == 0) return;
    send_report(plan.report_fd, {Report::Kind::started, {}, 0, 0, -1});
    wait_for_start(plan.report_fd, signals, children);
}

}  // namespace

OSBOT_CHILD long own_memory_kb_peak() {
    rusage use;
    return raw::call(SYS_getrusage, RUSAGE_SELF, &use) == 0 ? use.ru_maxrss : 0;
}

OSBOT_CHILD void run_first_process(Child_Plan& plan) {
    reset_signals();
    close_inherited(plan);
    raw::call(SYS_prctl, PR_SET_NAME, "osbot_init", 0, 0, 0);
    // All signals stay blocked; these two are read from the signalfd. (The kernel does not deliver signals from inside
    // the namespace to process 1 unless it has a handler for them.)
    const std::uint64_t mask = bit_of(SIGCHLD) | bit_of(SIGTERM);
    const auto signals = static_cast<int>(raw::call(SYS_signalfd4, -1, &mask, sizeof mask, SFD_CLOEXEC | SFD_NONBLOCK));

    if (const Failure failure = prepare_namespaces(plan); failure.step != Step::none) fail(plan, failure);
    if (plan.argv == nullptr) {
        send_report(plan.report_fd, {Report::Kind::started, {}, 0, 0, -1});
        end(0);
    }
    // The memory of this process is a copy of the engine's: processes inside must not read it through /proc/1.
    raw::call(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
    Children children;
    start_companions(plan, signals, children);
    children.main_process = start_main_process(plan, nullptr);
    if (children.main_process < 0) fail(plan, plan.failure);
    // The copies of the output descriptors must not keep a pipe open that the function has closed.
    for (const int fd : {plan.stdin_fd, plan.stdout_fd, plan.stderr_fd, plan.companions_fd, plan.cgroup_fds[0],
                         plan.cgroup_fds[1], plan.cgroup_fds[2]})
        if (fd >= 0) raw::call(SYS_close, fd);
    send_report(plan.report_fd, {Report::Kind::started, {}, 0, 0, -1});

    const int report_fd = plan.report_fd;
    const long inherited_kb = own_memory_kb_peak();
    discard_engine_memory();  // may include the plan
    Report ended = watch(report_fd, signals, children);
    if (ended.memory_kb_peak <= inherited_kb) ended.memory_kb_peak = 0;
    send_report(report_fd, ended);
    if (children.companions_count > 0) watch_companions(report_fd, signals, children);
    const int status = ended.wait_status;
    end(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

OSBOT_CHILD int run_main_process(void* argument) {
    auto& plan = *static_cast<Child_Plan*>(argument);
    reset_signals();
    plan.failure = prepare_and_exec(plan);
    end(127);
}

OSBOT_CHILD long start_main_process(Child_Plan& plan, int* pidfd) {
    // Shared memory and a suspended parent, as with vfork: nothing is copied, however large the engine is.
    constexpr int flags = CLONE_VM | CLONE_VFORK;
    plan.failure = {};
    const std::uint64_t all = ~std::uint64_t{0};
    std::uint64_t before = 0;
    raw::call(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    const int pid =
        __clone(run_main_process, plan.stack_top, flags | (pidfd != nullptr ? CLONE_PIDFD : 0) | SIGCHLD, &plan, pidfd);
    const int error = errno;
    raw::call(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof before);
    if (pid < 0) {
        plan.failure = {Step::fork, error, 0};
        return -1;
    }
    if (plan.failure.step == Step::none) return pid;
    raw::call(SYS_wait4, pid, nullptr, __WALL, nullptr);
    return -1;
}

}  // namespace osbot_aws::sandbox

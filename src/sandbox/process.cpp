#include "sandbox/process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cassert>

#include "sandbox/namespaces.hpp"
#include "sandbox/network.hpp"
#include "sandbox/peer_process.hpp"
#include "sandbox/process_tree.hpp"

namespace osbot_aws::sandbox {
namespace {

constexpr auto by_pidfd = static_cast<idtype_t>(3);  // P_PIDFD; glibc 2.36 names it only with a kernel header

void send_signal(const Fd& pidfd, int signal) { ::syscall(SYS_pidfd_send_signal, pidfd.value(), signal, nullptr, 0); }

Exit from_wait_status(int status) {
    if (WIFSIGNALED(status)) return Exit{.signal = WTERMSIG(status)};
    return Exit{.status = WEXITSTATUS(status)};
}

Exit from_wait_information(const siginfo_t& information) {
    if (information.si_code == CLD_EXITED) return Exit{.status = information.si_status};
    return Exit{.signal = information.si_status};
}

bool is_readable(int fd) {
    pollfd event = {fd, POLLIN, 0};
    return ::poll(&event, 1, 0) == 1;
}

void wait_until_readable(int fd) {
    pollfd event = {fd, POLLIN, 0};
    while (::poll(&event, 1, -1) < 0 && errno == EINTR) {}
}

}  // namespace

Running_Process::Running_Process(Process_Parts parts) : parts_(std::move(parts)) {
    assert(parts_.pidfd);
    parts_.procs.clear();
}

Running_Process::~Running_Process() {
    kill();
    wait_until_readable(parts_.pidfd.value());
    exit();
    for (const int listener : parts_.listeners) ::close(listener);
    std::error_code error;
    if (!parts_.own_folder.empty()) std::filesystem::remove_all(parts_.own_folder, error);
}

/// Process 1 has started the companions and waits for the request. Meanwhile, exit() does not read its reports.
Result<void> Running_Process::start_main() {
    assert(parts_.plan);
    {
        const std::lock_guard lock(mutex_);
        starts_main_ = true;
    }
    const char request = 's';
    ::send(parts_.report.value(), &request, 1, MSG_NOSIGNAL);
    Report report{.failure = {.step = Step::lost}};
    bool received = false;
    do {
        wait_until_readable(parts_.report.value());  // the socket does not block if an event loop watches it
        received = receive_report(parts_.report.value(), true, report, parts_.listeners);
        const std::lock_guard lock(mutex_);
        if (received) take(report);
        starts_main_ = received && report.kind == Report::Kind::ended;
    } while (received && report.kind == Report::Kind::ended);
    const auto plan = std::move(parts_.plan);  // its descriptors must not keep the output open
    if (received && report.kind == Report::Kind::started) return {};
    return step_error(report.failure, plan->subject_of(report.failure));
}

std::optional<Exit> Running_Process::exit() {
    const std::lock_guard lock(mutex_);
    if (reaped_ || starts_main_) return exit_;  // start_main() takes the reports
    if (has_companions_) receive_reports();
    if (is_readable(parts_.pidfd.value())) end();
    return exit_;
}

std::vector<Companion_Exit> Running_Process::companion_exits() {
    exit();
    const std::lock_guard lock(mutex_);
    return std::exchange(companion_exits_, {});
}

/// Process 1 reports how the function's process and its companions exited.
void Running_Process::receive_reports() {
    for (Report report; receive_report(parts_.report.value(), false, report, parts_.listeners);) take(report);
    pollfd socket = {parts_.report.value(), 0, 0};  // process 1 closes it shortly before it has exited
    if (::poll(&socket, 1, 0) == 1 && (socket.revents & POLLHUP) != 0) wait_until_readable(parts_.pidfd.value());
}

void Running_Process::take(const Report& report) {
    if (report.kind != Report::Kind::ended) return;
    Exit ended = from_wait_status(report.wait_status);
    if (report.companion >= 0) return companion_ended(static_cast<std::size_t>(report.companion), ended);
    add_peak(report.memory_kb_peak);
    ended.out_of_memory = parts_.cgroup && parts_.cgroup->killed_for_memory();
    exit_ = ended;
}

void Running_Process::companion_ended(std::size_t index, const Exit& ended) {
    if (running_companions_.erase(index) > 0) companion_exits_.push_back({index, ended});
}

/// Takes the exit of process 1, or of the plain child. Without a report, process 1 was killed and with it all processes
/// inside.
void Running_Process::end() {
    // Before the process is reaped, because until then its pid cannot be reused and identifies its session.
    kill_strays();
    Exit ended = reap();
    reaped_ = true;
    if (namespaces()) receive_reports();
    ended.out_of_memory = parts_.cgroup && parts_.cgroup->killed_for_memory();
    if (!exit_) exit_ = ended;
    while (!running_companions_.empty()) companion_ended(*running_companions_.begin(), Exit{.signal = SIGKILL});
}

Exit Running_Process::reap() {
    siginfo_t information = {};
    rusage use = {};  // the function of glibc does not return it
    const long waited =
        ::syscall(SYS_waitid, by_pidfd, parts_.pidfd.value(), &information, WEXITED | WNOHANG | __WALL, &use);
    if (waited != 0) return Exit{.signal = SIGKILL};
    if (!namespaces() && use.ru_maxrss > parts_.inherited_kb) add_peak(use.ru_maxrss);
    return from_wait_information(information);
}

/// Adds the peak that the kernel reports at the end. It includes the files in /tmp that the process has mapped.
void Running_Process::add_peak(long kilobytes) {
    peak_ = std::max(peak_, static_cast<std::uint64_t>(kilobytes) * 1024);
}

Result<void> Running_Process::set_frozen(bool frozen) {
    return parts_.cgroup ? parts_.cgroup->set_frozen(frozen) : Result<void>{};
}

void Running_Process::terminate() {
    const std::lock_guard lock(mutex_);
    if (namespaces()) return send_signal(parts_.pidfd, SIGTERM);  // process 1 passes it on
    if (!reaped_) ::syscall(SYS_tgkill, parts_.pid, parts_.pid, SIGTERM);
}

void Running_Process::kill() {
    const std::lock_guard lock(mutex_);
    if (reaped_) return;
    const std::vector<pid_t> all = namespaces() ? std::vector<pid_t>{} : processes();
    send_signal(parts_.pidfd, SIGKILL);  // killing process 1 of a pid namespace kills all of it
    for (const pid_t process : all)
        if (process != parts_.pid) ::kill(process, SIGKILL);
    kill_strays();
}

/// Kills the remaining processes if there is no pid namespace. Repeats until none is found, because a process may fork
/// during the search.
void Running_Process::kill_strays() {
    if (namespaces()) return;
    for (int attempt = 0; attempt < 20; ++attempt) {
        // A process cannot leave its cgroup. Without a cgroup, most processes stay in the session.
        const bool owns_group = parts_.cgroup && !parts_.shares_cgroup;
        std::vector<pid_t> others = owns_group ? parts_.cgroup->processes() : session_members(parts_.pid);
        std::erase(others, parts_.pid);  // the main process is killed through its pidfd
        if (others.empty()) return;
        for (const pid_t other : others) ::kill(other, SIGKILL);
        ::usleep(500);
    }
}

std::vector<pid_t> Running_Process::processes() const {
    if (parts_.cgroup) return parts_.cgroup->processes();
    std::vector<pid_t> all = descendants_of(parts_.pid);
    if (!namespaces()) all.push_back(parts_.pid);  // process 1 of a namespace is part of the engine, not counted
    return all;
}

std::uint64_t Running_Process::memory_bytes() const {
    const std::lock_guard lock(mutex_);
    if (exit_) return 0;
    const Memory memory = memory_of(processes());
    peak_ = std::max(peak_, memory.peak);
    return memory.now;
}

std::uint64_t Running_Process::memory_bytes_peak() const {
    memory_bytes();
    const std::lock_guard lock(mutex_);
    return peak_;
}

std::size_t Running_Process::tasks() const {
    const std::lock_guard lock(mutex_);
    return exit_ ? 0 : tasks_of(processes());
}

pid_t Running_Process::pid() const {
    if (!namespaces()) return parts_.pid;
    const std::vector<pid_t> inside = descendants_of(parts_.pid);
    return inside.empty() ? parts_.pid : inside.front();
}

Peer_Check Running_Process::peer_check() const {
    if (!namespaces() || !parts_.peers) return nullptr;
    return [root = parts_.pid](int connected_fd) { return peer_descends_from(root, connected_fd); };
}

std::vector<int> Running_Process::take_listeners() { return std::exchange(parts_.listeners, {}); }

Result<std::unique_ptr<Process>> start_in_namespaces(std::unique_ptr<Plan> plan, Process_Parts parts) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return step_error({Step::clone, errno, 0}, "socketpair");
    parts.report = Fd(ends[0]);
    Fd child_end = Fd::duplicate(ends[1]);
    ::close(ends[1]);
    plan->child().report_fd = child_end.value();

    Cloned cloned = clone_into_namespaces(plan->child());
    child_end.reset();
    if (cloned.pid < 0) return step_error({Step::clone, cloned.error, 0}, "in new namespaces (clone3)");
    parts.pid = cloned.pid;
    parts.pidfd = std::move(cloned.pidfd);

    Report report{.failure = {.step = Step::lost}};
    const bool received = receive_report(parts.report.value(), true, report, parts.listeners);
    auto process = std::make_unique<Running_Process>(std::move(parts));  // its destructor cleans up on errors
    if (!received || report.kind != Report::Kind::started)
        return step_error(report.failure, plan->subject_of(report.failure));
    if (plan->child().companions_count > 0) process->start_main_later(std::move(plan));
    return std::unique_ptr<Process>(std::move(process));
}

}  // namespace osbot_aws::sandbox

// A hostile function for test_sandbox_reach.py: a Lambda runtime on plain sockets, linked statically. An event is
// {"probe": NAME, "path": TEXT, "number": N}; the result is "allowed", the name of an errno, or a count.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "plain_runtime.hpp"

namespace {

constexpr int bomb_max = 1500;  // above the limit, and harmless for the host

struct Event {
    std::string probe, path;
    long number = 0;
};

std::string between(const std::string& text, const std::string& start, char end) {
    const std::size_t at = text.find(start);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + start.size();
    return text.substr(begin, text.find(end, begin) - begin);
}

Event event_of(const std::string& text) {
    return {between(text, "\"probe\": \"", '"'), between(text, "\"path\": \"", '"'),
            std::atol(between(text, "\"number\": ", '}').c_str())};
}

// ---- what the function can reach: each returns a negative number with errno, or anything else ----

long connect_unix(const Event& event) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, event.path.c_str(), sizeof address.sun_path - 1);
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), reinterpret_cast<sockaddr*>(&address), sizeof address);
}

/// Connects to the abstract Unix socket with the name `event.path`.
long connect_abstract(const Event& event) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t length = event.path.copy(address.sun_path + 1, sizeof address.sun_path - 1);
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length));
}

/// Calls getpid as a 32-bit program does. A kernel without such programs sends SIGSEGV.
long call_32_bit(const Event&) {
#ifdef __x86_64__
    signal(SIGSEGV, [](int) { _exit(ENOSYS); });
    long result = 20;  // getpid in arch/x86/entry/syscalls/syscall_32.tbl
    asm volatile("int $0x80" : "+a"(result) : : "memory");
    errno = result < 0 ? static_cast<int>(-result) : 0;
    return result < 0 ? -1 : 0;
#else
    errno = ENOSYS;
    return -1;
#endif
}

/// Sends a request to a Runtime API. Any response counts: the API has accepted the connection.
long call_runtime_api(const Event& event) {
    const int fd = connect_to(event.path, event.number);
    const char* request =
        "POST /2018-06-01/runtime/invocation/none/response HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    char byte = 0;
    if (fd < 0 || write(fd, request, strlen(request)) < 0) return -1;
    const ssize_t bytes = read(fd, &byte, 1);
    if (bytes == 0) errno = ECONNRESET;
    return bytes > 0 ? 0 : -1;
}

long user_namespace_in_child(const Event&) {
    const pid_t child = static_cast<pid_t>(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0));
    if (child == 0) _exit(0);
    return child;
}

long call_clock_settime(const Event&) {
    const timespec invalid = {0, -1};  // EINVAL, if the system call is allowed
    return syscall(SYS_clock_settime, CLOCK_REALTIME, &invalid);
}

using Probe = std::function<long(const Event&)>;

const std::map<std::string, Probe> probes = {
    {"read", [](const Event& e) { return open(e.path.c_str(), O_RDONLY); }},
    {"write", [](const Event& e) { return open(e.path.c_str(), O_WRONLY); }},
    {"create", [](const Event& e) { return open(e.path.c_str(), O_WRONLY | O_CREAT, 0644); }},
    {"connect", [](const Event& e) { return connect_to(e.path, e.number); }},
    {"connect_unix", connect_unix},
    {"connect_abstract", connect_abstract},
    {"runtime_api", call_runtime_api},
    {"clone3", [](const Event&) { return syscall(SYS_clone3, nullptr, 0); }},
    {"call_32_bit", call_32_bit},
    {"signal", [](const Event& e) { return kill(static_cast<pid_t>(e.number), 0); }},
    {"ptrace", [](const Event& e) { return ptrace(PTRACE_SEIZE, static_cast<pid_t>(e.number), nullptr, nullptr); }},
    {"raw_socket", [](const Event&) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }},
    {"packet_socket", [](const Event&) { return socket(AF_PACKET, SOCK_RAW, 0); }},
    {"setuid", [](const Event&) { return setuid(0); }},
    {"mount", [](const Event&) { return mount("none", "/nowhere", "tmpfs", 0, nullptr); }},
    {"unshare", [](const Event&) { return unshare(CLONE_NEWUSER); }},
    {"clone_newuser", user_namespace_in_child},
    {"vsock", [](const Event&) { return socket(40, SOCK_STREAM, 0); }},
    {"keyctl", [](const Event&) { return syscall(SYS_keyctl, 0, -3, 0); }},
    {"add_key", [](const Event&) { return syscall(SYS_add_key, "user", "name", "x", 1, -3); }},
    {"bpf", [](const Event&) { return syscall(SYS_bpf, 0, nullptr, 0); }},
    {"perf_event_open", [](const Event&) { return syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0); }},
    {"io_uring_setup", [](const Event&) { return syscall(SYS_io_uring_setup, 1, nullptr); }},
    {"userfaultfd", [](const Event&) { return syscall(SYS_userfaultfd, 0); }},
    {"process_vm_readv",
     [](const Event& e) { return syscall(SYS_process_vm_readv, e.number, nullptr, 0, nullptr, 0, 0); }},
    {"init_module", [](const Event&) { return syscall(SYS_init_module, nullptr, 0, ""); }},
    {"kexec_load", [](const Event&) { return syscall(SYS_kexec_load, 0, 0, nullptr, 0); }},
    {"reboot", [](const Event&) { return syscall(SYS_reboot, 0, 0, 0, nullptr); }},
    {"syslog", [](const Event&) { return syscall(SYS_syslog, 10, nullptr, 0); }},
    {"chroot", [](const Event&) { return chroot("/nowhere"); }},
    {"clock_settime", call_clock_settime},
};

/// Runs a probe in a child process, because some change the process.
std::string run(const Probe& probe, const Event& event) {
    const pid_t child = fork();
    if (child < 0) return strerrorname_np(errno);
    if (child == 0) _exit(probe(event) < 0 ? errno : 0);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return "killed";
    return WEXITSTATUS(status) == 0 ? "allowed" : strerrorname_np(WEXITSTATUS(status));
}

// ---- attacks on the resources of the host ----

std::string fork_bomb() {
    std::vector<pid_t> children;
    int error = 0;
    while (children.size() < bomb_max) {
        const pid_t child = fork();
        if (child == 0) {
            pause();
            _exit(0);
        }
        if (child < 0 && (error = errno) != 0) break;
        children.push_back(child);
    }
    if (error == 0) sleep(10);  // until the engine counts them
    for (const pid_t child : children) kill(child, SIGKILL);
    for (const pid_t child : children) waitpid(child, nullptr, 0);
    return std::to_string(children.size()) + (error != 0 ? strerrorname_np(error) : "");
}

std::string thread_bomb() {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65'536);
    for (int count = 0; count < bomb_max; ++count) {
        pthread_t thread;
        const int error = pthread_create(
            &thread, &small, [](void*) -> void* { return pause(), nullptr; }, nullptr);
        if (error != 0) return std::to_string(count) + strerrorname_np(error);
    }
    sleep(10);
    return std::to_string(bomb_max);
}

std::string memory_bomb() {
    for (int mb = 0; mb < 1000; ++mb) {
        void* block = malloc(1 << 20);
        memset(block, 1, 1 << 20);
        asm volatile("" : : "r"(block) : "memory");
    }
    sleep(5);
    return "allowed";
}

std::string memfd_bomb() {
    const int file = memfd_create("bomb", 0);
    const std::vector<char> block(1 << 20);
    for (int mb = 0; mb < 300; ++mb)
        if (write(file, block.data(), block.size()) < 0) return strerrorname_np(errno);
    sleep(5);
    return "allowed";
}

std::string flood_output(const Event& event) {
    const std::string line = std::string(200, 'x') + '\n';
    for (long count = 0; count < event.number; ++count)
        if (write(1, line.data(), line.size()) < 0) return strerrorname_np(errno);
    return "allowed";
}

std::string fill_folder(const Event& event) {
    const int file = open((event.path + "/large").c_str(), O_WRONLY | O_CREAT, 0600);
    const int error = posix_fallocate(file, 0, event.number << 20);
    close(file);
    unlink((event.path + "/large").c_str());
    return error == 0 ? "allowed" : strerrorname_np(error);
}

std::string flood_files(const Event& event) {
    for (long count = 0; count < event.number; ++count) {
        const int file = open((event.path + "/" + std::to_string(count)).c_str(), O_WRONLY | O_CREAT, 0600);
        if (file < 0) return strerrorname_np(errno);
        close(file);
    }
    return "allowed";
}

/// Starts `sleep` in a session of its own, without a parent that waits for it.
std::string leave_daemon(const Event& event) {
    const pid_t child = fork();
    if (child == 0) {
        setsid();
        if (vfork() == 0) {  // returns after sleep is executed: an environment may freeze between events
            for (const int fd : {0, 1, 2}) close(fd);
            execl("/bin/sleep", "sleep", event.path.c_str(), nullptr);
        }
        _exit(0);
    }
    waitpid(child, nullptr, 0);
    return "allowed";
}

/// Occupies the environment until the listener of the test closes the connection.
std::string hold(const Event& event) {
    const int fd = connect_to(event.path, event.number);
    if (fd < 0) return strerrorname_np(errno);
    char byte = 0;
    while (read(fd, &byte, 1) > 0) {}
    close(fd);
    return "held";
}

std::string ignore_signals() {
    for (int number = 1; number < 65; ++number) signal(number, SIG_IGN);
    for (;;) pause();
}

std::string result_of(const Event& event) {
    if (event.probe == "fork_bomb") return fork_bomb();
    if (event.probe == "thread_bomb") return thread_bomb();
    if (event.probe == "memory_bomb") return memory_bomb();
    if (event.probe == "memfd_bomb") return memfd_bomb();
    if (event.probe == "flood_output") return flood_output(event);
    if (event.probe == "fill_folder") return fill_folder(event);
    if (event.probe == "flood_files") return flood_files(event);
    if (event.probe == "leave_daemon") return leave_daemon(event);
    if (event.probe == "hold") return hold(event);
    if (event.probe == "ignore_signals") return ignore_signals();
    if (event.probe == "tmp") return getenv("TMPDIR") != nullptr ? getenv("TMPDIR") : "/tmp";
    if (event.probe == "runtime_api_address") return getenv("AWS_LAMBDA_RUNTIME_API");
    const auto probe = probes.find(event.probe);
    return probe == probes.end() ? "unknown probe" : run(probe->second, event);
}

}  // namespace

int main() {
    if (getenv("EXIT_IN_INIT") != nullptr) return 7;
    const std::string api = getenv("AWS_LAMBDA_RUNTIME_API");
    for (;;) {
        const std::string next = request(api, "GET /2018-06-01/runtime/invocation/next");
        const std::string id = between(next, "Lambda-Runtime-Aws-Request-Id: ", '\r');
        if (id.empty()) return 5;
        request(api, "POST /2018-06-01/runtime/invocation/" + id + "/response", '"' + result_of(event_of(next)) + '"');
    }
}

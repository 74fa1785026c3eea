#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::sandbox {

class Kernel;

/// The limit on processes and threads of a function, in total. As on Lambda.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t processes_and_threads_max = 1024;

/// The most companions of a process; of Lambda's extensions, too.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t companions_max = 10;

/// How strongly a process is confined. SECURITY.md describes the limits.
enum class Mode {
    automatic,  ///< as far as the host allows; capabilities().missing lists the missing parts
    strict,     ///< all parts are required; create() fails if the host does not have them
    off,        ///< a plain child process, for debuggers
};

/// The parts of the sandbox that this host allows, determined once by a trial.
struct Capabilities {
    bool namespaces = false;           ///< user, mount, pid, ipc: Process_Spec::mounts appear at their targets
    bool network = false;              ///< a network namespace
    bool cgroup = false;               ///< the kernel limits memory_bytes_max plus /tmp; see memory_bytes()
    bool processes = false;            ///< the kernel limits the number of processes and threads; see tasks()
    bool peers = false;                ///< Process::peer_check() can determine the process of a connection
    bool freezer = false;              ///< Process::set_frozen() has an effect
    bool overlay = false;              ///< several layers can be merged at /opt without copying
    std::vector<std::string> missing;  ///< one sentence for each missing part, with the host's reason
};

/// A file or folder of the host that is mounted in the sandbox. Without namespaces it is only at its host path.
struct Mount {
    std::filesystem::path source;
    std::filesystem::path target;  ///< absolute, inside
    bool read_only = true;
};

/// A process to run: its environment, files and limits.
struct Process_Spec {
    std::vector<std::string> argv;         ///< argv[0] is the path inside
    std::vector<std::string> environment;  ///< NAME=value; nothing else is inherited
    std::filesystem::path working_directory = "/";
    std::filesystem::path root;                  ///< read-only root file system; empty: the host's programs
    std::vector<Mount> mounts;                   ///< e.g. code -> /var/task, interpreter prefix -> itself
    std::vector<std::filesystem::path> layers;   ///< at /opt; later ones override; several need the overlay capability
    std::uint64_t tmp_bytes_max = 512ull << 20;  ///< size of its private /tmp
    std::uint64_t memory_bytes_max = 128ull << 20;  ///< limit for all its processes in total, without /tmp
    std::filesystem::path tmp_folder;  ///< replaces /tmp without namespaces; created and removed by the sandbox
    int stdout_fd = -1;                ///< duplicated; the caller keeps ownership
    int stderr_fd = -1;
    /// Programs that run beside the main process, at most companions_max. They are started first, and the main process
    /// by Process::start_main().
    std::vector<std::string> companions;
    std::vector<std::string> companions_environment;
    int companions_output_fd = -1;  ///< their stdout and stderr; duplicated
    bool shared_memory = false;     ///< with namespaces: a /dev/shm, which Lambda does not have
    bool own_network = false;       ///< use a network namespace and open `listen_ports` inside; see take_listeners()
    std::vector<std::uint16_t> listen_ports;  ///< on 127.0.0.1 inside the network namespace
};

/// How a process exited.
struct Exit {
    int status = 0;              ///< exit status if signal is 0
    int signal = 0;              ///< the signal that killed it, or 0
    bool out_of_memory = false;  ///< the kernel (cgroup) killed one of its processes for memory
};

/// How a companion exited.
struct Companion_Exit {
    std::size_t index = 0;  ///< in Process_Spec::companions
    Exit exit;
};

/// Returns true if the process at the other end of a TCP connection is accepted. Any thread; takes about 0.1 ms.
using Peer_Check = std::function<bool(int connected_fd)>;

/// A running process and all its descendants. The destructor kills them and waits; no child outlives the object.
class Process {
public:
    virtual ~Process() = default;

    /// Starts the main process of a spec with companions, once. Returns when exec has succeeded or failed. Errors:
    /// those of Sandbox::start().
    virtual Result<void> start_main() = 0;
    /// Returns a descriptor that becomes readable when the main process or a companion has exited; for
    /// Loop::when_readable.
    virtual int exit_fd() const = 0;
    /// Returns how the main process exited, or nullopt while it runs. Without companions, no process runs after it.
    /// Never blocks.
    virtual std::optional<Exit> exit() = 0;
    /// Returns the companions that exited since the last call. Never blocks.
    virtual std::vector<Companion_Exit> companion_exits() = 0;
    /// Stops all processes from running, or lets them run again. A frozen process can be killed. Without
    /// capabilities().freezer, it has no effect. Errors: SandboxCgroupFailed with the host's reason.
    virtual Result<void> set_frozen(bool frozen) = 0;
    /// Sends SIGTERM to the main process.
    virtual void terminate() = 0;
    /// Sends SIGKILL to all processes. exit_fd() becomes readable soon after.
    virtual void kill() = 0;
    /// Returns the resident bytes of all processes, without files in /tmp; 0 if unknown. Reads several files in /proc.
    ///
    /// The owner compares this with memory_bytes_max periodically and kills the process, also if it has a cgroup: the
    /// kernel charges /tmp to the group, so the limit of the group includes a full /tmp and is only a backstop.
    virtual std::uint64_t memory_bytes() const = 0;
    /// Returns the highest known value of memory_bytes(), also after the process has exited. The kernel's own peak is
    /// known only then, and only if it exceeds the memory of the engine, which the process shared until exec.
    virtual std::uint64_t memory_bytes_peak() const = 0;
    /// Returns the number of processes and threads. Reads several files in /proc. If capabilities().processes is false,
    /// the owner compares it with processes_and_threads_max periodically and kills the process.
    virtual std::size_t tasks() const = 0;
    /// Returns the pid of the main process on the host; for messages and debuggers.
    virtual pid_t pid() const = 0;
    /// Returns a check that accepts only connections from processes of this sandbox, from sockets that they have not
    /// closed yet. Null if it has no namespaces, because its processes can leave the tree, or without
    /// capabilities().peers. The check may outlive this object.
    virtual Peer_Check peer_check() const = 0;
    /// Returns the listening sockets for spec.listen_ports, in order, and transfers their ownership. Later calls return
    /// none.
    virtual std::vector<int> take_listeners() = 0;
};

/// Starts processes. A start takes some hundred microseconds to a millisecond. May be called from any thread.
class Sandbox {
public:
    virtual ~Sandbox() = default;

    virtual const Capabilities& capabilities() const = 0;
    /// Returns true if processes have namespaces, so that spec.mounts appear at their targets.
    virtual bool mounts_apply() const = 0;

    /// Starts a process and returns when exec has succeeded or failed. Errors: the code names the step that failed
    /// (SandboxCloneFailed, SandboxMountFailed, SandboxExecFailed ...); the message has the path or call and the
    /// kernel's reason. SandboxRootFailed: spec.root without namespaces.
    virtual Result<std::unique_ptr<Process>> start(const Process_Spec& spec) = 0;

    /// Checks the host (takes some milliseconds) and creates the sandbox for `mode`.
    /// Errors: SandboxUnavailable if `mode` is strict and the host refuses a part, naming it.
    static Result<std::unique_ptr<Sandbox>> create(Mode mode);
    static Result<std::unique_ptr<Sandbox>> create(Mode mode, const Kernel& kernel);
};

}  // namespace osbot_aws::sandbox

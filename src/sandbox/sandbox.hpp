#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::sandbox {

class Kernel;

/// How much a process is confined. SECURITY.md says what this is not.
enum class Mode {
    automatic,  ///< as far as the host lets it; capabilities().missing says what is not there
    strict,     ///< everything, with a network of its own; start() refuses where the host can't
    off,        ///< a plain child process, for debuggers
};

/// What this host lets us do, found once by trying.
struct Capabilities {
    bool namespaces = false;  ///< user, mount, pid, ipc: `mounts` of a Process_Spec appear at their targets
    bool network = false;     ///< a network namespace
    bool cgroup =
        false;  ///< the kernel ends what exceeds memory_bytes_max and a full /tmp together. See memory_bytes()
    bool overlay = false;  ///< several layers can be merged at /opt without copying
    std::vector<std::string>
        missing;  ///< one plain sentence for each of the above that is not there, with the host's reason
};

/// Something of the host that appears in the sandbox. Without namespaces it stays where it is.
struct Mount {
    std::filesystem::path source;
    std::filesystem::path target;  ///< absolute, inside
    bool read_only = true;
};

/// One process to run. Everything it sees is said here: environment, files, limits.
struct Process_Spec {
    std::vector<std::string> argv;         ///< argv[0] is the path inside
    std::vector<std::string> environment;  ///< NAME=value; nothing else is inherited
    std::filesystem::path working_directory = "/";
    std::filesystem::path root;  ///< a root file system to see, read-only, instead of the host's programs; empty: those
    std::vector<Mount> mounts;   ///< e.g. code -> /var/task, interpreter prefix -> itself
    std::vector<std::filesystem::path> layers;      ///< merged at /opt, later ones over earlier ones
    std::uint64_t tmp_bytes_max = 512ull << 20;     ///< size of its own /tmp
    std::uint64_t memory_bytes_max = 128ull << 20;  ///< all its processes together; /tmp does not count
    std::filesystem::path tmp_folder;  ///< without namespaces: the folder that stands for /tmp (made and removed by us)
    int stdout_fd = -1;                ///< the process writes here; dup'ed, stays the caller's
    int stderr_fd = -1;
    bool own_network = false;  ///< a network namespace; then `listen_ports` are opened inside it and handed out
    std::vector<std::uint16_t> listen_ports;  ///< on 127.0.0.1 inside the network namespace
};

/// How a process ended.
struct Exit {
    int status = 0;              ///< exit status, when signal is 0
    int signal = 0;              ///< the signal that ended it
    bool out_of_memory = false;  ///< the kernel (cgroup) killed something of it for memory
};

/// A running process and all its descendants. Destroying it kills them all and waits; no child outlives it.
class Process {
public:
    virtual ~Process() = default;

    /// Becomes readable when the process has ended; for Loop::when_readable.
    virtual int exit_fd() const = 0;
    /// How it ended, once it has; nullopt before. Never blocks.
    virtual std::optional<Exit> exit() = 0;
    /// SIGTERM to the main process.
    virtual void terminate() = 0;
    /// SIGKILL to everything. exit_fd() becomes readable soon after.
    virtual void kill() = 0;
    /// Resident bytes of the whole tree now, without what lies in /tmp; 0 when it can't be told. Some reads in /proc.
    ///
    /// The owner compares this with memory_bytes_max now and then and kills, with a cgroup as well: the kernel charges
    /// /tmp to the group, so the group's limit has to leave room for a full one, and is only the backstop.
    virtual std::uint64_t memory_bytes() const = 0;
    /// The highest it has been, as far as known.
    virtual std::uint64_t memory_bytes_peak() const = 0;
    /// Of the main process, in the host's numbering; for messages and debuggers.
    virtual pid_t pid() const = 0;
    /// Listening sockets for spec.listen_ports, in order; each may be taken once (the caller then closes it).
    virtual std::vector<int> take_listeners() = 0;
};

/// Starts processes. A few hundred microseconds to a millisecond per start; may be called from any thread.
class Sandbox {
public:
    virtual ~Sandbox() = default;

    virtual const Capabilities& capabilities() const = 0;
    /// Whether a started process sees spec.mounts at their targets (namespaces are there and wanted).
    virtual bool mounts_apply() const = 0;

    /// Errors: code is the step that failed (SandboxCloneFailed, SandboxMountFailed, SandboxExecFailed ...), the
    /// message names the path or call and the kernel's reason. Known when exec has succeeded or failed.
    /// SandboxRootFailed: spec.root without namespaces.
    virtual Result<std::unique_ptr<Process>> start(const Process_Spec& spec) = 0;

    /// Looks at the host (some milliseconds) and makes the sandbox for `mode`.
    /// Errors: SandboxUnavailable when `mode` is strict and the host refuses something; names it.
    static Result<std::unique_ptr<Sandbox>> create(Mode mode);
    static Result<std::unique_ptr<Sandbox>> create(Mode mode, const Kernel& kernel);
};

}  // namespace osbot_aws::sandbox

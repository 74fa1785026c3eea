#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/fd.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/step.hpp"

namespace osbot_aws::sandbox {

/// A step that prepares the new root: creates a file or folder, or mounts something. The Plan owns the strings.
struct Mount_Step {
    enum class Kind : int { folder, file, link, text, bind, tmpfs, proc, overlay };

    Kind kind = Kind::folder;
    const char* source = "";  ///< bind: the source path; link: its target; text: the content of the file
    const char* target = "";
    const char* options = "";     ///< tmpfs, overlay: mount options
    bool read_only = true;        ///< bind
    bool devices = false;         ///< bind: device files work
    bool may_be_missing = false;  ///< a missing source or target is not a failure
};

/// The data that the child needs, as plain pointers and numbers: it must not allocate memory after the clone.
struct Child_Plan {
    bool namespaces = false;
    const char* uid_map = "";
    const char* gid_map = "";
    const char* root_base = "/tmp";  ///< the folder where the new root is mounted temporarily
    const Mount_Step* mounts = nullptr;
    int mounts_count = 0;
    bool loopback = false;
    const std::uint16_t* ports = nullptr;
    int ports_count = 0;

    const char* const* argv = nullptr;  ///< null: a trial; the first process exits after its preparations
    const char* const* environment = nullptr;
    const char* directory = "/";
    const char* const* companions = nullptr;  ///< Process_Spec::companions
    int companions_count = 0;
    const char* const* companions_environment = nullptr;

    int stdin_fd = -1;
    int stdout_fd = -1;
    int stderr_fd = -1;
    int companions_fd = -1;
    int cgroup_fds[3] = {-1, -1, -1};  ///< cgroup.procs of each hierarchy, open for writing; -1: none
    int report_fd = -1;                ///< SOCK_SEQPACKET to the parent; namespaces only

    bool confined = false;         ///< set no_new_privs and the system call filter
    bool limits = false;           ///< set resource limits
    bool limit_processes = false;  ///< only in a user namespace; elsewhere all processes of the user are counted
    pid_t die_with = 0;            ///< plain child: the engine's pid; the child is killed when the engine exits
    const sock_fprog* filter = nullptr;

    char* stack_top = nullptr;  ///< for the process that shares memory with its parent until exec
    Failure failure;            ///< written by that process and read by its parent
};

/// A message of the sandbox's first process to the engine.
struct Report {
    enum class Kind : int { failed, started, ended };
    Kind kind = Kind::failed;
    Failure failure;
    int wait_status = 0;
    long memory_kb_peak = 0;  ///< of the function's process, when it ended; 0 if unknown
    int companion = -1;       ///< the index of the companion that ended; -1: the function's process
};

/// Owns the strings and descriptors of a Child_Plan.
class Plan {
public:
    Plan(const Process_Spec& spec, bool namespaces);
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    Child_Plan& child() { return child_; }
    /// Returns why the child's standard streams could not be opened, if so. The plan cannot be carried out then.
    Result<void> streams() const;

    /// Stores a string for the lifetime of the plan.
    const char* store_text(std::string text) { return texts_.emplace_back(std::move(text)).c_str(); }
    void add(const Mount_Step& step) { mounts_.push_back(step); }
    bool has_target(const std::string& target) const;
    /// Sets the child's pointer to the steps. Called after the last add().
    void finish_mounts();
    /// Returns the path, address or program that `failure` is about, for the error message.
    std::string subject_of(const Failure& failure) const;

private:
    void open_streams(const Process_Spec& spec);

    Child_Plan child_;
    std::string streams_error_;
    std::deque<std::string> texts_;  // a deque, so that c_str() stays valid
    std::vector<Mount_Step> mounts_;
    std::vector<const char*> argv_;
    std::vector<const char*> environment_;
    std::vector<const char*> companions_;
    std::vector<const char*> companions_environment_;
    std::vector<std::uint16_t> ports_;
    std::unique_ptr<char[]> stack_;
    Fd null_;
    Fd stdout_;
    Fd stderr_;
    Fd companions_output_;
};

}  // namespace osbot_aws::sandbox

#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "sandbox/cgroup.hpp"
#include "sandbox/fd.hpp"
#include "sandbox/plan.hpp"
#include "sandbox/sandbox.hpp"

namespace osbot_aws::sandbox {

/// The resources of a process, with or without namespaces.
struct Process_Parts {
    pid_t pid = -1;  ///< process 1 of the namespaces, or the plain child
    Fd pidfd;
    Fd report;  ///< namespaces: the socket to process 1; closing it kills all processes inside
    std::unique_ptr<Cgroup> cgroup;
    std::vector<int> listeners;
    bool peers = false;                ///< capabilities().peers
    std::filesystem::path own_folder;  ///< temporary folder that is removed with the process; may be empty
    long inherited_kb = 0;             ///< plain child: own_memory_kb_peak() after the start
};

class Running_Process final : public Process {
public:
    explicit Running_Process(Process_Parts parts);
    ~Running_Process() override;

    int exit_fd() const override { return parts_.pidfd.value(); }
    std::optional<Exit> exit() override;
    void set_frozen(bool frozen) override;
    void terminate() override;
    void kill() override;
    std::uint64_t memory_bytes() const override;
    std::uint64_t memory_bytes_peak() const override;
    std::size_t tasks() const override;
    pid_t pid() const override;
    Peer_Check peer_check() const override;
    std::vector<int> take_listeners() override;

private:
    bool namespaces() const { return static_cast<bool>(parts_.report); }
    std::vector<pid_t> processes() const;
    void kill_strays();
    Exit reap();
    void add_peak(long kilobytes);

    Process_Parts parts_;
    mutable std::mutex mutex_;
    std::optional<Exit> exit_;
    mutable std::uint64_t peak_ = 0;
};

/// Starts the process of `plan` in new namespaces. Errors: the error code of the step that failed.
Result<std::unique_ptr<Process>> start_in_namespaces(Plan& plan, Process_Parts parts);

/// Starts the process of `plan` as a plain child, which is killed when this program exits.
Result<std::unique_ptr<Process>> start_plain(Plan& plan, Process_Parts parts);

}  // namespace osbot_aws::sandbox

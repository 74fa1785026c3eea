#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

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
    std::vector<Fd> procs = {};  ///< of the cgroup, until the start
    bool shares_cgroup = false;  ///< with companions, which are other children
    std::vector<int> listeners;
    bool peers = false;                ///< capabilities().peers
    std::filesystem::path own_folder;  ///< temporary folder that is removed with the process; may be empty
    long inherited_kb = 0;             ///< plain child: own_memory_kb_peak() after the start
    std::unique_ptr<Plan> plan = {};   ///< namespaces: for the start of the main process after its companions
};

class Running_Process final : public Process {
public:
    explicit Running_Process(Process_Parts parts);
    ~Running_Process() override;

    Result<void> start_main() override;
    int exit_fd() const override { return has_companions_ ? parts_.report.value() : parts_.pidfd.value(); }
    std::optional<Exit> exit() override;
    std::vector<Companion_Exit> companion_exits() override;
    Result<void> set_frozen(bool frozen) override;
    void terminate() override;
    void kill() override;
    std::uint64_t memory_bytes() const override;
    std::uint64_t memory_bytes_peak() const override;
    std::size_t tasks() const override;
    pid_t pid() const override;
    Peer_Check peer_check() const override;
    std::vector<int> take_listeners() override;
    void start_main_later(std::unique_ptr<Plan> plan) {
        for (int i = 0; i < plan->child().companions_count; ++i)
            running_companions_.insert(static_cast<std::size_t>(i));
        parts_.plan = std::move(plan);
        has_companions_ = true;
    }

private:
    bool namespaces() const { return static_cast<bool>(parts_.report); }
    std::vector<pid_t> processes() const;
    void kill_strays();
    void receive_reports();
    void take(const Report& report);
    void companion_ended(std::size_t index, const Exit& ended);
    void end();
    Exit reap();
    void add_peak(long kilobytes);

    Process_Parts parts_;
    mutable std::mutex mutex_;
    std::optional<Exit> exit_;
    std::vector<Companion_Exit> companion_exits_;
    std::set<std::size_t> running_companions_;
    bool reaped_ = false, has_companions_ = false, starts_main_ = false;
    mutable std::uint64_t peak_ = 0;
};

/// Starts the process of `plan` in new namespaces, or its companions. Errors: the error code of the step that failed.
Result<std::unique_ptr<Process>> start_in_namespaces(std::unique_ptr<Plan> plan, Process_Parts parts);

/// Starts the process of `plan` as a plain child, which is killed when this program exits. Takes `parts` if it
/// succeeds.
Result<std::unique_ptr<Process>> start_plain(Plan& plan, Process_Parts&& parts);

/// Starts the companions of a plain process. `companions` are their plans.
Result<std::unique_ptr<Process>> start_plain_companions(std::unique_ptr<Plan> plan, Process_Parts parts,
                                                        std::vector<std::unique_ptr<Plan>> companions);

}  // namespace osbot_aws::sandbox

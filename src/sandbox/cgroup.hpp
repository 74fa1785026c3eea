#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "sandbox/fd.hpp"
#include "sandbox/kernel.hpp"

namespace osbot_aws::sandbox {

/// A folder of a mounted cgroup hierarchy.
struct Cgroup_Location {
    std::filesystem::path folder;
    bool unified = true;  ///< cgroup v2; otherwise v1, where each controller has its own hierarchy

    bool operator==(const Cgroup_Location&) const = default;
};

/// A memory cgroup for a process and its descendants, with a limit on their number if the host has the pids controller,
/// and a freezer if it has cgroup v2, alone or beside v1. The destructor removes it; the processes must have exited.
class Cgroup {
public:
    Cgroup(const Kernel& kernel, Cgroup_Location memory) : kernel_(kernel), memory_(std::move(memory)) {}
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;
    ~Cgroup();

    /// Opens `tasks` (v1), `cgroup.threads` (a threaded group) or `cgroup.procs` (v2) of each hierarchy. A process with
    /// one thread that writes "0" to all of them joins the group. Since Linux 5.5, a thread that moves itself with the
    /// first two does not wait for an RCU grace period, which takes 8 to 30 ms: most of a cold start. Returns an empty
    /// list on failure.
    std::vector<Fd> open_procs() const;
    std::vector<pid_t> processes() const;
    bool killed_for_memory() const;
    /// Stops the processes, or lets them run again. Has no effect without a freezer. Errors: SandboxCgroupFailed.
    Result<void> set_frozen(bool frozen) const;

private:
    friend class Cgroup_Parent;

    const Kernel& kernel_;
    Cgroup_Location memory_;
    std::filesystem::path pids_;     ///< empty, except for a pids controller in another hierarchy
    std::filesystem::path freezer_;  ///< empty, except for a freezer in another hierarchy
    bool freezes_ = false;
};

/// The cgroup in which new memory cgroups are created: the one of this process, v2 or v1.
class Cgroup_Parent {
public:
    /// Finds the group and checks it by creating a child group. Errors: SandboxCgroupFailed with the host's reason.
    static Result<Cgroup_Parent> find(const Kernel& kernel = Kernel::of_this_host());

    /// Creates a cgroup that is limited to `bytes` of memory, including swap, and to processes_and_threads_max.
    Result<std::unique_ptr<Cgroup>> create(std::uint64_t bytes) const;
    const std::filesystem::path& folder() const { return memory_.folder; }
    /// Returns why the groups do not limit the number of processes; nullopt if they do.
    const std::optional<Error>& pids_error() const { return pids_error_; }
    /// Returns why the groups cannot be frozen; nullopt if they can.
    const std::optional<Error>& freezer_error() const { return freezer_error_; }

private:
    Cgroup_Parent(const Kernel& kernel, Cgroup_Location memory);
    static Result<Cgroup_Parent> with_memory(const Kernel& kernel, const std::optional<Cgroup_Location>& unified);
    void add_pids(const std::optional<Cgroup_Location>& unified);
    void add_freezer(const std::optional<Cgroup_Location>& unified);
    Result<void> check_freezer(const Cgroup_Location& unified);
    Result<std::filesystem::path> make_group(const std::filesystem::path& parent) const;
    Result<std::filesystem::path> group_in(const Cgroup_Location& parent, const Cgroup& cgroup,
                                           std::filesystem::path& own) const;
    Result<void> limit_memory(const Cgroup& cgroup, std::uint64_t bytes) const;
    Result<void> limit_pids(Cgroup& cgroup) const;
    Result<void> make_freezable(Cgroup& cgroup) const;

    const Kernel* kernel_;
    std::string pid_namespace_;  ///< of this process, part of the names of its groups
    Cgroup_Location memory_;
    std::optional<Cgroup_Location> pids_;
    std::optional<Error> pids_error_;
    std::optional<Cgroup_Location> freezer_;
    std::optional<Error> freezer_error_;
};

}  // namespace osbot_aws::sandbox

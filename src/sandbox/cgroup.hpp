#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "sandbox/fd.hpp"
#include "sandbox/kernel.hpp"

namespace osbot_aws::sandbox {

/// A memory cgroup for a process and its descendants. The destructor removes it; the processes must have exited.
class Cgroup {
public:
    Cgroup(const Kernel& kernel, std::filesystem::path folder, bool unified)
        : kernel_(kernel), folder_(std::move(folder)), unified_(unified) {}
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;
    ~Cgroup();

    Fd open_procs() const;  ///< opens cgroup.procs; a process that writes "0" to it joins the group
    std::vector<pid_t> processes() const;
    bool killed_for_memory() const;

private:
    const Kernel& kernel_;
    std::filesystem::path folder_;
    bool unified_;
};

/// The cgroup in which new memory cgroups are created: the one of this process, v2 or v1.
class Cgroup_Parent {
public:
    /// Finds the group and checks it by creating a child group. Errors: SandboxCgroupFailed with the host's reason.
    static Result<Cgroup_Parent> find(const Kernel& kernel = Kernel::of_this_host());

    /// Creates a cgroup that is limited to `bytes` of memory, including swap.
    Result<std::unique_ptr<Cgroup>> create(std::uint64_t bytes) const;
    const std::filesystem::path& folder() const { return folder_; }

private:
    Cgroup_Parent(const Kernel& kernel, std::filesystem::path folder, bool unified)
        : kernel_(&kernel), folder_(std::move(folder)), unified_(unified) {}

    const Kernel* kernel_;
    std::filesystem::path folder_;
    bool unified_;
};

}  // namespace osbot_aws::sandbox

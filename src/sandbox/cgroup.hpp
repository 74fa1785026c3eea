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

/// One memory cgroup of one process and its descendants. Removed with the object; they must have ended.
class Cgroup {
public:
    Cgroup(const Kernel& kernel, std::filesystem::path folder, bool unified)
        : kernel_(kernel), folder_(std::move(folder)), unified_(unified) {}
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;
    ~Cgroup();

    Fd open_entrance() const;  ///< cgroup.procs: who writes "0" to it is in
    std::vector<pid_t> processes() const;
    bool killed_for_memory() const;

private:
    const Kernel& kernel_;
    std::filesystem::path folder_;
    bool unified_;
};

/// Where we may make memory cgroups: below the one this process is in, v2 or v1.
class Cgroup_Parent {
public:
    /// Finds it by making one. Errors: SandboxCgroupFailed with the host's reason.
    static Result<Cgroup_Parent> find(const Kernel& kernel = Kernel::of_this_host());

    /// A new one that the kernel keeps below `bytes`, swap included.
    Result<std::unique_ptr<Cgroup>> make(std::uint64_t bytes) const;
    const std::filesystem::path& folder() const { return folder_; }

private:
    Cgroup_Parent(const Kernel& kernel, std::filesystem::path folder, bool unified)
        : kernel_(&kernel), folder_(std::move(folder)), unified_(unified) {}

    const Kernel* kernel_;
    std::filesystem::path folder_;
    bool unified_;
};

}  // namespace osbot_aws::sandbox

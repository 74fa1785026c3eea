#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "sandbox/fd.hpp"

namespace osbot_aws::sandbox {

/// One memory cgroup of one process and its descendants. Removed with the object; they must have ended.
class Cgroup {
public:
    Cgroup(std::filesystem::path folder, bool unified) : folder_(std::move(folder)), unified_(unified) {}
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;
    ~Cgroup();

    Fd open_entrance() const;  ///< cgroup.procs: who writes "0" to it is in
    std::vector<pid_t> processes() const;
    bool killed_for_memory() const;

private:
    std::filesystem::path folder_;
    bool unified_;
};

/// Where we may make memory cgroups: below the one this process is in, v2 or v1.
class Cgroup_Parent {
public:
    /// Finds it by making one. Errors: SandboxCgroupFailed with the host's reason.
    static Result<Cgroup_Parent> find();

    /// A new one that the kernel keeps below `bytes`, swap included.
    Result<std::unique_ptr<Cgroup>> make(std::uint64_t bytes) const;
    const std::filesystem::path& folder() const { return folder_; }

private:
    Cgroup_Parent(std::filesystem::path folder, bool unified) : folder_(std::move(folder)), unified_(unified) {}

    std::filesystem::path folder_;
    bool unified_;
};

}  // namespace osbot_aws::sandbox

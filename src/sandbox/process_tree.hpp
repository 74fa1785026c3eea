#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace osbot_aws::sandbox {

/// Returns all descendants of `root`, without `root`, from /proc/<pid>/task/*/children, else from a search of /proc.
std::vector<pid_t> descendants_of(pid_t root);

/// Returns all running processes of a session, including those whose parent has exited.
std::vector<pid_t> session_members(pid_t session);

struct Memory {
    std::uint64_t now = 0;   ///< resident bytes, and shared memory (Shared_Memory); without files of /tmp
    std::uint64_t peak = 0;  ///< the sum of the peaks of the processes that still run, and the current shared memory
};

/// Returns the memory of these processes in total. Processes that have exited are not counted.
Memory memory_of(const std::vector<pid_t>& pids);

/// Returns the number of threads of these processes, counting the main thread of each.
std::size_t tasks_of(const std::vector<pid_t>& pids);

}  // namespace osbot_aws::sandbox

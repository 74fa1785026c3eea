#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace osbot_aws::sandbox {

/// All descendants of `root` (itself not), from /proc/<pid>/task/*/children, else by looking at every process.
std::vector<pid_t> descendants_of(pid_t root);

/// All living processes of a session: finds what has left its parent but not the session.
std::vector<pid_t> session_members(pid_t session);

struct Memory {
    std::uint64_t now = 0;   ///< resident bytes, anonymous and file; not shared memory, which /tmp is
    std::uint64_t peak = 0;  ///< the highest it has been, for those still there
};

/// Of these processes together; those that have ended count nothing.
Memory memory_of(const std::vector<pid_t>& pids);

}  // namespace osbot_aws::sandbox

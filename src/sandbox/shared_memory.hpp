#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>

namespace osbot_aws::sandbox {

/// Adds up the shared memory of processes: memfds, shared anonymous mappings, System V segments and /dev/shm. Memory
/// that several of the processes share counts once. Other files of a tmpfs, such as /tmp, do not count.
class Shared_Memory {
public:
    /// Adds the memory of a process. `resident_bytes` is its RssShmem, which also includes mapped files of /tmp.
    void add(pid_t pid, std::uint64_t resident_bytes);
    std::uint64_t bytes() const { return bytes_; }

private:
    void add_open_files(pid_t pid);
    bool add_mappings(pid_t pid);

    std::set<std::uint64_t> inodes_;  ///< files of which all pages are counted
    std::uint64_t bytes_ = 0;
};

}  // namespace osbot_aws::sandbox

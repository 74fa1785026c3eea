#include "base/memory_size.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace osbot_aws::base {

std::uint64_t memory_bytes_of_host() {
    std::uint64_t bytes =
        static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    // cgroup v2 and v1. Without a limit, the first contains "max" and the second a number above all memory.
    for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
        std::uint64_t limit = 0;
        if (std::ifstream(file) >> limit) bytes = std::min(bytes, limit);
    }
    return bytes;
}

}  // namespace osbot_aws::base

#include "sandbox/shared_memory.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>

#include "sandbox/proc_files.hpp"

namespace osbot_aws::sandbox {
namespace {

// To find the kind of each mapping, the kernel walks the pages of the process: not worth it for less than this.
constexpr std::uint64_t resident_bytes_min = 8 << 20;

bool is_memory(std::string_view path) {
    return path.starts_with("/memfd:") || path.starts_with("/dev/zero") || path.starts_with("/SYSV") ||
           path.starts_with("/dev/shm/");
}

std::string link_target(const std::string& path) {
    char target[256];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    return {target, size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace

void Shared_Memory::add(pid_t pid, std::uint64_t resident_bytes) {
    add_open_files(pid);
    if (resident_bytes < resident_bytes_min || !add_mappings(pid)) bytes_ += resident_bytes;
}

/// Adds the files that the process has open. Their pages exist without a mapping.
void Shared_Memory::add_open_files(pid_t pid) {
    for (const pid_t fd : numbered_entries(fmt::format("/proc/{}/fd", pid))) {
        const std::string path = fmt::format("/proc/{}/fd/{}", pid, fd);
        struct stat status = {};
        if (!is_memory(link_target(path)) || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        if (inodes_.insert(status.st_ino).second) bytes_ += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
}

/// Adds the mapped pages of files that no process has open, in proportion to the number of processes that share them.
/// Returns false if the kernel does not show the mappings.
bool Shared_Memory::add_mappings(pid_t pid) {
    const auto text = read_proc(fmt::format("/proc/{}/smaps", pid));
    if (!text || text->empty()) return false;
    std::istringstream lines(*text);
    bool counts = false;
    for (std::string line; std::getline(lines, line);) {
        unsigned long inode = 0, kilobytes = 0;
        int path = 0;
        if (std::sscanf(line.c_str(), "%*x-%*x %*4s %*x %*x:%*x %lu %n", &inode, &path) == 1 && path > 0)
            counts =
                is_memory(std::string_view(line).substr(static_cast<std::size_t>(path))) && !inodes_.contains(inode);
        else if (counts && std::sscanf(line.c_str(), "Pss: %lu kB", &kilobytes) == 1)
            bytes_ += kilobytes * 1024;
    }
    return true;
}

}  // namespace osbot_aws::sandbox

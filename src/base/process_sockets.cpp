#include "base/process_sockets.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace osbot_aws::base {
namespace fs = std::filesystem;

bool has_socket(pid_t process, std::uint64_t inode, std::size_t& descriptors_left) {
    const std::string socket = fmt::format("socket:[{}]", inode);
    std::error_code error;
    for (fs::directory_iterator fd(fmt::format("/proc/{}/fd", process), error), end; !error && fd != end;
         fd.increment(error)) {
        if (descriptors_left == 0) return false;
        --descriptors_left;
        std::error_code unreadable;
        if (fs::read_symlink(fd->path(), unreadable) == socket) return true;
    }
    return false;
}

}  // namespace osbot_aws::base

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace osbot_aws::base {

/// Returns true if a process has a descriptor of the socket with this inode. Reads /proc: about 1 us for each
/// descriptor. Reads at most `descriptors_left` of them, and subtracts those that it read.
bool has_socket(pid_t process, std::uint64_t inode, std::size_t& descriptors_left);

}  // namespace osbot_aws::base

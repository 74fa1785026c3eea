#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace osbot_aws::sandbox {

/// Returns the inode of the socket at the other end of an IPv4 TCP connection of this host; nullopt if that socket was
/// closed, or if the kernel has no socket diagnosis (CONFIG_INET_DIAG). Takes some microseconds.
/// Source: https://man7.org/linux/man-pages/man7/sock_diag.7.html
std::optional<std::uint64_t> peer_inode(int connected_fd);

/// Returns true if a descendant of `root` has the socket at the other end of a connection. Takes about 0.1 ms, and some
/// milliseconds if the descendants have thousands of descriptors.
bool peer_descends_from(pid_t root, int connected_fd);

/// Returns true if peer_inode() works on this kernel. Connects two sockets as a trial.
bool peers_are_known();

}  // namespace osbot_aws::sandbox

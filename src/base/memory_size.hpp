#pragma once

#include <cstdint>

namespace osbot_aws::base {

/// Returns the memory that processes of this host or container can use in total: the physical memory, or the limit of
/// the container (the cgroup at the root of its hierarchy), if that is lower.
std::uint64_t memory_bytes_of_host();

}  // namespace osbot_aws::base

#pragma once

#include <cstddef>

namespace osbot_aws::base {

/// Raises the soft limit of open files of this process (RLIMIT_NOFILE) to its hard limit, as the runtimes of Go and
/// Java do. Returns the limit that then applies.
std::size_t raise_open_files_limit();

}  // namespace osbot_aws::base

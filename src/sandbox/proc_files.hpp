#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace osbot_aws::sandbox {

/// Returns the text of a file of /proc; nullopt if it cannot be opened, for example because the process has exited.
std::optional<std::string> read_proc(const std::string& path);

/// Returns the numeric names in a folder of /proc: processes, threads or file descriptors.
std::vector<pid_t> numbered_entries(const std::string& folder);

}  // namespace osbot_aws::sandbox

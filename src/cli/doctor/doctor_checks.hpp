// The checks of `osbot doctor`. Each check is one line: a state, a finding and, if something is wrong, advice.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/line/options.hpp"

namespace osbot_aws::sandbox {
class Kernel;
}

namespace osbot_aws::cli {

struct Check {
    enum class State { ok, warning, problem };
    std::string name;
    State state = State::ok;
    std::string found;
    std::string advice = {};
};
using Checks = std::vector<Check>;

/// Checks the parts of the sandbox: namespaces, network, overlay, cgroup, system call filter.
Checks check_sandbox(const sandbox::Kernel& kernel);
/// Checks the owner and permissions of the state folder, and the free space.
Checks check_state_folder(const std::filesystem::path& folder);
/// Checks the daemon of this state folder. If none runs, checks whether the default port is free.
Checks check_daemon(const std::filesystem::path& folder);
/// Checks interpreters, installers, compilers and libcurl.
Checks check_programs();
/// Checks the selected target and the setting that selected it, and the kind of the credentials, never their values.
/// Connects to endpoints on this machine only.
Checks check_target(const Options& options);
/// Calls sts:GetCallerIdentity.
Checks check_aws(const Options& options);

}  // namespace osbot_aws::cli

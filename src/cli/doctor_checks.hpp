// What `osbot doctor` looks at: each check is a line with what was found and, where something is wrong, what to do.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/options.hpp"

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

/// Namespaces, cgroup, system call filter, overlay: what functions are confined with on this host.
Checks check_sandbox(const sandbox::Kernel& kernel);
/// The state folder: whose it is, whether it can be written, how much room there is.
Checks check_state_folder(const std::filesystem::path& folder);
/// The daemon of that state folder, or the port that one would take.
Checks check_daemon(const std::filesystem::path& folder);
/// Interpreters, installers, compilers, libcurl.
Checks check_programs();
/// Where calls go and why, and which kind of credentials there is; never one of their values. Contacts nobody but
/// an endpoint of this machine.
Checks check_target(const Options& options);
/// Asks AWS who we are.
Checks check_aws(const Options& options);

}  // namespace osbot_aws::cli

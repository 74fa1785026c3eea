#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace osbot_aws::server {

struct Host_Runtime {
    std::string identifier;  ///< Lambda's: python3.11
    std::filesystem::path program;
};

/// Returns the interpreters of this host that can run functions. Only reads folders, runs no programs.
std::vector<Host_Runtime> host_runtimes();

}  // namespace osbot_aws::server

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace osbot_aws::server {

struct Host_Runtime {
    std::string identifier;  ///< Lambda's: python3.11
    std::filesystem::path program;
};

/// The interpreters of this host that functions run with. Reads folders; runs nothing.
std::vector<Host_Runtime> host_runtimes();

}  // namespace osbot_aws::server

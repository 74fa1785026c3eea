#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace osbot_aws::engine {

struct Host_Runtime {
    std::string identifier;  ///< Lambda's: python3.11
    std::filesystem::path program;
};

/// Returns the interpreters of this host that can run functions. Only reads folders, runs no programs.
std::vector<Host_Runtime> host_runtimes();

/// Returns the interpreter that the local engine uses for a Python runtime such as python3.11: of the same
/// version, else of the nearest. Nothing if this host has none, or if `identifier` is
/// not a Python runtime.
std::optional<Host_Runtime> nearest_runtime(const std::string& identifier);

/// Returns the runtimes that the local engine runs on this host, for messages: "provided.al2023, provided.al2,
/// python3.11".
std::string runtimes_of_this_host();

/// Returns whether AWS and the local engine reject new functions with this runtime, such as python3.7.
bool is_retired_runtime(const std::string& identifier);

}  // namespace osbot_aws::engine

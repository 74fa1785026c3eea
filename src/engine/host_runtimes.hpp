#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::engine {

struct Host_Runtime {
    std::string identifier;  ///< Lambda's: python3.11, nodejs22.x
    std::filesystem::path program;
};

/// Returns the interpreters of this host that can run functions. Reads folders; runs `node --version`.
std::vector<Host_Runtime> host_runtimes();

/// Returns the interpreter that the local engine uses for a runtime such as python3.11: of the same version, else of
/// the nearest. Errors: InvalidRuntime if this host has none, or for a language that the engine does not run.
Result<Host_Runtime> nearest_runtime(const std::string& identifier);

/// Returns the runtimes that the local engine runs on this host, for messages: "provided.al2023, provided.al2,
/// python3.11".
std::string runtimes_of_this_host();

/// Returns whether AWS and the local engine reject new functions with this runtime, such as python3.7.
bool is_retired_runtime(const std::string& identifier);

}  // namespace osbot_aws::engine

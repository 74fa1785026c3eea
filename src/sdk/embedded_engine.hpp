#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "client/transport.hpp"

namespace osbot_aws {

/// A local engine in this process and the transport to it.
struct Embedded_Engine {
    std::shared_ptr<client::Transport> transport;
    std::string endpoint_url;  ///< for other processes and function URLs
};

/// Enables container images and all AWS managed policies in the engines that this process starts from now on. This is a
/// separate function so that the linker omits the archive readers and the policies from programs that do not call it:
/// each deployment packs the program.
void enable_all_features();

/// Returns the engine that owns the state folder, and starts it at the first call. The process's sessions share it
/// until the process ends. Errors: StateFolderError if another process owns the folder.
Result<Embedded_Engine> embedded_engine(const std::filesystem::path& state);

/// Starts an engine that stores everything in memory. It stops when the transport is destroyed.
Result<Embedded_Engine> engine_in_memory();

/// Returns the number of fork() calls between the process that loaded this library and this one. A child process has
/// its parent's engines in memory, but not their threads: it must neither use nor destroy them.
unsigned times_forked();

/// Guards the state of sessions. fork() waits until no thread holds it, so that a child process never inherits it
/// locked. Do not hold it while a request is sent.
std::mutex& sessions_mutex();

}  // namespace osbot_aws

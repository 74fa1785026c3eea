#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "server/local_engine.hpp"

namespace osbot_aws::cli {

/// Runs the engine in this process until SIGTERM, SIGINT or its idle time. `ready` is called once it answers.
/// Errors: as Local_Engine::start.
Result<void> run_engine(const server::Local_Engine_Options& options,
                        const std::function<void(const server::Local_Engine&)>& ready);

/// Starts a daemon of its own session and answers once it does: its endpoint URL. Its log is `<state>/daemon.log`.
/// Errors: as Local_Engine::start, reported by the daemon itself.
Result<std::string> start_daemon(const server::Local_Engine_Options& options);

}  // namespace osbot_aws::cli

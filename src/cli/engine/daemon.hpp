#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"
#include "engine/local_engine.hpp"

namespace osbot_aws::cli {

/// The engine's process ends at the latest this long after SIGTERM, SIGINT or its idle timeout.
constexpr std::chrono::seconds stop_time_max{10};

/// Runs the engine in this process until SIGTERM, SIGINT or its idle timeout. Calls `ready` when it accepts requests.
/// Errors: those of Local_Engine::start.
Result<void> run_engine(const engine::Local_Engine_Options& options,
                        const std::function<void(const engine::Local_Engine&)>& ready);

struct Daemon {
    std::uint16_t port = 0;
    std::string host = "127.0.0.1";  ///< Local_Engine_Options::host
    std::string state = {};          ///< its state folder, or "memory"
    bool started_now = false;
    services::Access_Settings access = {};
    Json forwards = Json::object();  ///< of an engine that was already running: {"dynamodb": "http://..."}

    std::string endpoint_url() const;
};

/// Returns the running daemon of a state folder, or starts one in a new session and waits until it is ready. Its log is
/// `<state>/daemon.log`. If several commands call this at the same time, one starts the daemon and the others wait.
/// Errors: StateFolderError; DaemonFailed; those of Local_Engine::start, reported by the daemon itself.
Result<Daemon> find_or_start_daemon(const engine::Local_Engine_Options& options);

/// Returns the port of the last engine that ran on the state folder, or 4566. Function URLs and settings of clients
/// that contain the port stay valid when the engine is started again.
std::uint16_t last_port(const std::filesystem::path& state);

/// Default timeout of a request to a running daemon.
constexpr std::chrono::milliseconds daemon_timeout{10'000};
/// Sends a request to the engine of this state folder, on its Unix socket (engine_socket). `headers` are complete
/// lines, "Name: value\r\n". Errors: DaemonNotRunning, and the errors of the connection and of the daemon.
Result<Json> call_daemon(const std::filesystem::path& state, const std::string& method, const std::string& target,
                         const std::string& body = "", std::chrono::milliseconds timeout = daemon_timeout,
                         const std::string& headers = "");
/// Like call_daemon; if no daemon runs, an engine in this process handles the request.
Result<Json> call_engine(const std::filesystem::path& state, const std::string& method, const std::string& target,
                         const std::string& body = "", std::chrono::milliseconds timeout = daemon_timeout);

}  // namespace osbot_aws::cli

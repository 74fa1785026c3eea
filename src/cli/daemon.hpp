#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"
#include "cli/command.hpp"
#include "server/local_engine.hpp"

namespace osbot_aws::cli {

/// Runs the engine in this process until SIGTERM, SIGINT or its idle time. `ready` is called once it answers.
/// Errors: as Local_Engine::start.
Result<void> run_engine(const server::Local_Engine_Options& options,
                        const std::function<void(const server::Local_Engine&)>& ready);

struct Daemon {
    std::uint16_t port = 0;
    std::string host = "127.0.0.1";  ///< the address it listens on: 127.0.0.1 or 0.0.0.0
    bool started_now = false;

    std::string endpoint_url() const;
};

/// The daemon of a state folder: the one that runs, or a new one of its own session, once it answers. Its log is
/// `<state>/daemon.log`. Of commands that ask at the same time, one starts it and the others wait for that.
/// Errors: StateFolderError; DaemonFailed; those of Local_Engine::start, reported by the daemon itself.
Result<Daemon> find_or_start_daemon(const server::Local_Engine_Options& options);

/// The default of how long a running daemon may take to answer.
constexpr std::chrono::milliseconds daemon_answer_max{10'000};
/// Asks the daemon of that state folder, on its socket. Errors: DaemonNotRunning; else the daemon's own.
Result<Json> ask_daemon(const std::filesystem::path& state, const std::string& method, const std::string& target,
                        const std::string& body = "", std::chrono::milliseconds answer_max = daemon_answer_max);
/// The same without a daemon, too: of an engine of this process on that state folder, which ends with the answer.
Result<Json> ask_engine(const std::filesystem::path& state, const std::string& method, const std::string& target,
                        const std::string& body = "", std::chrono::milliseconds answer_max = daemon_answer_max);
/// The JSON of an answer of the engine, or the error it says.
Result<Json> json_of_answer(int status, const std::string& body);

/// Which state folder a command is about, and the option --state that says so.
struct State_Argument {
    std::string state;

    std::filesystem::path folder() const;
    void add_to(Command command);
};

}  // namespace osbot_aws::cli

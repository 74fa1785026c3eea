#include "cli/daemon.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include "base/files.hpp"
#include "base/http_connection.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/numbers.hpp"
#include "sdk/session_impl.hpp"
#include "wire/http.hpp"

namespace osbot_aws::cli {
namespace {

constexpr char said_ready = '+', said_error = '-';

/// What the daemon tells the waiting command: one character, then the port, or "code\nmessage".
void say(int fd, char what, const std::string& text) {
    const std::string line = what + text;
    [[maybe_unused]] const auto written = ::write(fd, line.data(), line.size());
    ::close(fd);
}

/// The command's own engine takes images in; those inside programs do not.
Result<std::unique_ptr<server::Local_Engine>> start_engine(server::Local_Engine_Options options) {
    options.unpack_image = engine::unpack_image;
    auto engine = server::Local_Engine::start(std::move(options));
    ::malloc_trim(0);  // what reading all records took is no small part of a large state
    return engine;
}

[[noreturn]] void be_daemon(const server::Local_Engine_Options& options, int tell, base::Unique_Fd turn) {
    ::setsid();
    const base::Unique_Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int standard : {0, 1, 2}) ::dup2(null.fd(), standard);
    if (!options.state_folder.empty()) base::log_to_file(options.state_folder / "daemon.log");
    const auto ended = run_engine(options, [&](const server::Local_Engine& engine) {
        turn.reset();
        say(tell, said_ready, std::to_string(engine.port()));
    });
    if (!ended) say(tell, said_error, ended.error().code + "\n" + ended.error().message);
    std::_Exit(ended ? 0 : 1);
}

std::optional<Daemon> running_daemon(const std::filesystem::path& state) {
    const auto health = ask_daemon(state, "GET", "/_osbot/health");
    if (!health) return std::nullopt;
    return Daemon{.port = health->value("port", std::uint16_t{0}), .host = health->value("host", "127.0.0.1")};
}

/// Until all who have it have let go of it, other commands that want to start a daemon there wait.
Result<base::Unique_Fd> take_turn_to_start(const std::filesystem::path& state) {
    const auto failed = [](const std::string& message) { return Error{"StateFolderError", message, 0}; };
    std::error_code not_made;
    std::filesystem::create_directories(state, not_made);
    if (not_made)
        return failed(fmt::format("cannot make {}: {}; select another state folder with OSBOT_AWS_STATE",
                                  state.string(), not_made.message()));
    const auto file = state / "start.lock";
    base::Unique_Fd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) return failed(base::file_error("open", file).message);
    int locked = -1;
    do locked = ::flock(lock.fd(), LOCK_EX);
    while (locked != 0 && errno == EINTR);
    if (locked != 0) return failed(base::file_error("lock", file).message);
    return lock;
}

/// `turn` goes to the daemon, until it answers: this command may be interrupted or stopped while that starts.
Result<Daemon> start_daemon(const server::Local_Engine_Options& options, base::Unique_Fd turn) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return Error{"DaemonFailed", fmt::format("no pipe: {}", std::strerror(errno)), 0};
    const base::Unique_Fd listen(ends[0]);
    base::Unique_Fd tell(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return Error{"DaemonFailed", fmt::format("cannot fork: {}", std::strerror(errno)), 0};
    if (child == 0) {
        if (::fork() != 0) std::_Exit(0);  // the daemon is nobody's child
        be_daemon(options, tell.release(), std::move(turn));
    }
    turn.reset();
    tell.reset();
    ::waitpid(child, nullptr, 0);
    std::string said;
    char block[4096];
    for (ssize_t got; (got = ::read(listen.fd(), block, sizeof block)) > 0;)
        said.append(block, static_cast<std::size_t>(got));
    if (said.empty())
        return Error{"DaemonFailed",
                     fmt::format("the daemon ended before it was ready; its log is {}",
                                 (options.state_folder / "daemon.log").string()),
                     0};
    const std::size_t line = said.find('\n');
    if (said.front() == said_error) return Error{said.substr(1, line - 1), said.substr(line + 1), 0};
    return Daemon{.port = base::parse_number<std::uint16_t>(said.substr(1)).value(),
                  .host = options.all_interfaces ? "0.0.0.0" : "127.0.0.1",
                  .started_now = true};
}

}  // namespace

Result<void> run_engine(const server::Local_Engine_Options& options,
                        const std::function<void(const server::Local_Engine&)>& ready) {
    // Blocked before any thread is made, so that only the watcher below takes them.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);

    auto engine = start_engine(options);
    if (!engine) return engine.error();
    ready(**engine);
    std::thread watcher([&] {
        int signal = 0;
        sigwait(&ends, &signal);
        (*engine)->stop();
    });
    (*engine)->wait();
    pthread_kill(watcher.native_handle(), SIGUSR1);  // when it was not a signal that ended the engine
    watcher.join();
    return {};
}

std::string Daemon::endpoint_url() const { return fmt::format("http://127.0.0.1:{}", port); }

Result<Daemon> find_or_start_daemon(const server::Local_Engine_Options& options) {
    if (auto running = running_daemon(options.state_folder)) return *running;
    auto turn = take_turn_to_start(options.state_folder);
    if (!turn) return turn.error();
    if (auto running = running_daemon(options.state_folder)) return *running;  // whoever was before us has started it
    return start_daemon(options, std::move(*turn));
}

Result<Json> json_of_answer(int status, const std::string& body) {
    Json json = base::parse_json(body);
    if (json.is_object() && status < 400) return json;
    if (!json.is_object())
        return Error{"InternalError", fmt::format("the engine answered {} {}", status, body), status};
    return Error{json.value("code", "InternalError"), json.value("message", body), status};
}

Result<Json> ask_daemon(const std::filesystem::path& state, const std::string& method, const std::string& target,
                        const std::string& body, std::chrono::milliseconds answer_max) {
    auto connection = base::Http_Connection::connect_unix(state / "osbot.sock", answer_max);
    if (!connection)
        return Error{"DaemonNotRunning",
                     fmt::format("no local engine runs on {}; osbot local start starts one", state.string()), 0};
    auto reply =
        connection->exchange(fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target), body, answer_max);
    if (!reply) return reply.error();
    return json_of_answer(reply->status, reply->body);
}

Result<Json> ask_engine(const std::filesystem::path& state, const std::string& method, const std::string& target,
                        const std::string& body, std::chrono::milliseconds answer_max) {
    auto answer = ask_daemon(state, method, target, body, answer_max);
    if (answer || answer.error().code != "DaemonNotRunning") return answer;
    auto engine = start_engine({.state_folder = state, .port = 0});
    if (!engine) return engine.error();
    wire::Request request{.method = method, .target = target};
    request.body.bytes = body;
    const wire::Response response = (*engine)->handle(std::move(request));
    return json_of_answer(response.status, response.body.bytes);
}

std::filesystem::path State_Argument::folder() const {
    return state.empty() ? state_folder() : std::filesystem::absolute(state);
}

void State_Argument::add_to(Command command) {
    command.add_option("--state", state, "State folder (default: $OSBOT_AWS_STATE, else ~/.local/state/osbot_aws)")
        .type_name("FOLDER");
}

}  // namespace osbot_aws::cli

#include "cli/engine/daemon.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/http_connection.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "base/numbers.hpp"
#include "cli/line/options.hpp"
#include "sdk/session_impl.hpp"
#include "wire/http.hpp"

namespace osbot_aws::cli {
namespace {

constexpr char status_ready = '+', status_error = '-';

/// Reports to the waiting command: one status character, then the port or "code\nmessage". Closes the pipe.
void report_status(int fd, char status, const std::string& text) {
    const std::string message = status + text;
    [[maybe_unused]] const auto written = ::write(fd, message.data(), message.size());
    ::close(fd);
}

/// Starts an engine with images and all AWS managed policies, which an engine embedded in a program lacks by default.
Result<std::unique_ptr<engine::Local_Engine>> start_engine(engine::Local_Engine_Options options) {
    options.unpack_image = services::unpack_image;
    options.aws_policies = services::all_aws_policies;
    auto engine = engine::Local_Engine::start(std::move(options));
    ::malloc_trim(0);  // reading the records of a large state leaves much free memory in the heap
    return engine;
}

constexpr const char* port_file = "port";

/// Writes the file that last_port() reads. A failure is not important: the next engine then uses the default port.
void remember_port(const std::filesystem::path& state, std::uint16_t port) {
    if (state.empty() || last_port(state) == port) return;
    const auto written = base::write_file(state / port_file, std::to_string(port));
    if (!written) base::log_warning("the port is not stored for the next start: {}", written.error().message);
}

/// Ends the process after `delay` if it still runs, for example because a worker thread waits for a network file
/// system. This loses no data that the engine has acknowledged, like kill -9.
void exit_after(std::chrono::seconds delay) {
    std::thread([delay] {
        std::this_thread::sleep_for(delay);
        base::log_error("the engine did not stop in {} s; ending its process", delay.count());
        std::_Exit(exit_failed);
    }).detach();
}

/// Closes all descriptors above 2, except `needed`. The program that ran the command may have passed some to it.
void close_inherited(std::initializer_list<int> needed) {
    std::vector<int> inherited;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        if (const auto fd = base::parse_number<int>(entry.path().filename().string())) inherited.push_back(*fd);
    for (const int fd : inherited)  // one of them listed the folder and is closed already
        if (fd > 2 && std::ranges::find(needed, fd) == needed.end()) ::close(fd);
}

/// Removes the AWS settings of the user from the environment, because they include secrets and the engine does not use
/// them. Overwrites the text, which /proc/<pid>/environ shows.
void forget_aws_settings() {
    char** end = environ;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        if (std::string_view(*variable).starts_with("AWS_"))
            ::explicit_bzero(*variable, std::strlen(*variable));
        else
            *end++ = *variable;
    }
    *end = nullptr;
}

[[noreturn]] void run_daemon(engine::Local_Engine_Options options, int status_fd, base::Unique_Fd start_lock) {
    ::setsid();
    close_inherited({status_fd, start_lock.fd()});
    options.state_folder = std::filesystem::absolute(options.state_folder);
    std::filesystem::current_path("/");  // the daemon must not keep a file system busy
    const base::Unique_Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int standard : {0, 1, 2}) ::dup2(null.fd(), standard);
    if (!options.state_folder.empty()) base::log_to_file(options.state_folder / "daemon.log");
    const auto result = run_engine(options, [&](const engine::Local_Engine& engine) {
        start_lock.reset();
        report_status(status_fd, status_ready, std::to_string(engine.port()));
    });
    if (!result) report_status(status_fd, status_error, result.error().code + "\n" + result.error().message);
    std::_Exit(result ? 0 : 1);
}

std::optional<Daemon> running_daemon(const std::filesystem::path& state) {
    const auto health = call_daemon(state, "GET", "/_osbot/health");
    if (!health) return std::nullopt;
    return Daemon{.port = health->value("port", std::uint16_t{0}),
                  .host = health->value("host", "127.0.0.1"),
                  .state = health->value("state", ""),
                  .access = {.check_signatures = health->value("check_signatures", false),
                             .enforce_iam = health->value("enforce_iam", false)},
                  .forwards = health->value("forwards", Json::object())};
}

/// Locks a state folder for the start of a daemon; waits while another command holds the lock. The lock is released
/// when all copies of the descriptor are closed.
Result<base::Unique_Fd> lock_start(const std::filesystem::path& state) {
    const auto folder_error = [](const std::string& message) { return Error{"StateFolderError", message, 0}; };
    std::error_code error;
    std::filesystem::create_directories(state, error);
    if (error)
        return folder_error(fmt::format("cannot create {}: {}; select another state folder with OSBOT_AWS_STATE",
                                        state.string(), error.message()));
    const auto file = state / "start.lock";
    base::Unique_Fd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) return folder_error(base::file_error("open", file).message);
    int locked = -1;
    do locked = ::flock(lock.fd(), LOCK_EX);
    while (locked != 0 && errno == EINTR);
    if (locked != 0) return folder_error(base::file_error("lock", file).message);
    return lock;
}

/// The daemon inherits `start_lock` and holds it until it is ready, because this command may be killed while it waits.
Result<Daemon> start_daemon(const engine::Local_Engine_Options& options, base::Unique_Fd start_lock) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0)
        return local_error("DaemonFailed", "cannot create a pipe: {}", std::strerror(errno));
    const base::Unique_Fd status_in(pipe_ends[0]);
    base::Unique_Fd status_out(pipe_ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return local_error("DaemonFailed", "cannot fork: {}", std::strerror(errno));
    if (child == 0) {
        if (::fork() != 0) std::_Exit(0);  // init becomes the parent of the daemon
        run_daemon(options, status_out.release(), std::move(start_lock));
    }
    start_lock.reset();
    status_out.reset();
    ::waitpid(child, nullptr, 0);
    std::string status;
    char block[4096];
    for (ssize_t count; (count = ::read(status_in.fd(), block, sizeof block)) > 0;)
        status.append(block, static_cast<std::size_t>(count));
    if (status.empty())
        return local_error("DaemonFailed", "the daemon exited before it was ready; see its log {}",
                           (options.state_folder / "daemon.log").string());
    const std::size_t line_end = status.find('\n');
    if (status.front() == status_error) return Error{status.substr(1, line_end - 1), status.substr(line_end + 1), 0};
    return Daemon{.port = base::parse_number<std::uint16_t>(status.substr(1)).value(),
                  .host = options.host,
                  .state = options.state_folder.string(),
                  .started_now = true};
}

/// Returns the JSON of a response of the engine, or the error it describes.
Result<Json> json_of_response(int status, const std::string& body) {
    Json json = base::parse_json(body);
    if (json.is_object() && status < 400) return json;
    if (!json.is_object())
        return Error{"InternalError", fmt::format("the engine responded with status {}: {}", status, body), status};
    return Error{json.value("code", "InternalError"), json.value("message", body), status};
}

}  // namespace

Result<void> run_engine(const engine::Local_Engine_Options& options,
                        const std::function<void(const engine::Local_Engine&)>& ready) {
    forget_aws_settings();
    // Blocks the signals before any thread is created, so that only the watcher below receives them.
    sigset_t stop_signals;
    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGTERM);
    sigaddset(&stop_signals, SIGINT);
    sigaddset(&stop_signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);

    OSBOT_TRY(auto engine, start_engine(options));
    remember_port(options.state_folder, engine->port());
    ready(*engine);
    std::thread watcher([&] {
        int signal = 0;
        sigwait(&stop_signals, &signal);
        engine->stop();
    });
    engine->wait();
    exit_after(stop_time_max);
    pthread_kill(watcher.native_handle(), SIGUSR1);  // wakes the watcher if the engine stopped without a signal
    watcher.join();
    return {};
}

std::uint16_t last_port(const std::filesystem::path& state) {
    const auto text = base::read_file(state / port_file);
    const auto port = text ? base::parse_number<std::uint16_t>(*text) : std::nullopt;
    return port && *port != 0 ? *port : engine::Local_Engine_Options().port;
}

std::string Daemon::endpoint_url() const { return fmt::format("http://127.0.0.1:{}", port); }

Result<Daemon> find_or_start_daemon(const engine::Local_Engine_Options& options) {
    if (auto running = running_daemon(options.state_folder)) return *running;
    OSBOT_TRY(auto start_lock, lock_start(options.state_folder));
    if (auto running = running_daemon(options.state_folder))
        return *running;  // the previous owner of the lock started it
    return start_daemon(options, std::move(start_lock));
}

Result<Json> call_daemon(const std::filesystem::path& state, const std::string& method, const std::string& target,
                         const std::string& body, std::chrono::milliseconds timeout, const std::string& headers) {
    const auto socket = engine_socket(state);
    auto connection = base::Http_Connection::connect_unix(socket, timeout);
    if (socket.empty() || !connection)
        return local_error(codes::daemon_not_running,
                           "no local engine is running on {}; start one with osbot local start", state.string());
    OSBOT_TRY(auto response,
              connection->exchange(fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}", method, target, headers),
                                   body, timeout));
    return json_of_response(response.status, response.body);
}

Result<Json> call_engine(const std::filesystem::path& state, const std::string& method, const std::string& target,
                         const std::string& body, std::chrono::milliseconds timeout) {
    auto result = call_daemon(state, method, target, body, timeout);
    if (result || result.error().code != codes::daemon_not_running) return result;
    OSBOT_TRY(auto engine, start_engine({.state_folder = state, .port = 0}));
    wire::Request request{.method = method, .target = target};
    request.body = body;
    OSBOT_TRY(const wire::Response response, engine->handle(std::move(request)));
    return json_of_response(response.status, response.body.bytes());
}

}  // namespace osbot_aws::cli

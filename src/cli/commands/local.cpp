#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <utility>

#include "base/files.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "cli/commands/commands.hpp"
#include "cli/engine/daemon.hpp"
#include "cli/engine/debugging.hpp"
#include "cli/output/request_line.hpp"
#include "cli/output/terminal.hpp"
#include "engine/client_variables.hpp"
#include "engine/init_scripts.hpp"
#include "engine/request_route.hpp"
#include "http/web_access.hpp"
#include "sdk/session_impl.hpp"
#include "sdk/user_support.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr int stop_timeout_ms = 30'000;
constexpr std::chrono::hours init_timeout{24};  // each script has a limit of its own

struct Start_Arguments : State_Argument {
    std::string sandbox = "auto", debug, host = "127.0.0.1", runtime_support, function_urls = "auto", init;
    engine::Space_Limits space;
    std::vector<std::string> allowed_hosts, cors_origins, forwards;
    std::optional<int> port;
    int idle_s = 0, event_speed = 1, lifecycle_speed = 1;
    bool in_memory = false, foreground = false, strict_runtimes = false, shared_memory = false, no_freeze = false;
    services::Access_Settings access;
};

struct Reset_Arguments : State_Argument {
    bool yes = false;
};

Result<std::vector<std::string>> parse_each(const std::vector<std::string>& texts,
                                            Result<std::string> (*parse)(std::string_view)) {
    std::vector<std::string> parsed;
    for (const std::string& text : texts) {
        OSBOT_TRY(auto value, parse(text));
        parsed.push_back(std::move(value));
    }
    return parsed;
}

bool is_own_address(const engine::Forward& forward, std::uint16_t port) {
    const std::string_view host = forward.host;
    return forward.port == port &&
           (host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "::1");
}

Error own_address_error(const engine::Forward& forward) {
    return local_error("InvalidArgument",
                       "invalid --forward '{}={}': this is the address of the engine itself; select another --port",
                       forward.service, forward.url);
}

/// Returns whether only programs of this machine reach the address (127.0.0.0/8).
bool is_loopback(const std::string& host) { return host.starts_with("127."); }

/// Other machines may send requests to an address that is not a loopback address, so the user must name the hosts.
std::optional<Error> host_error(const std::string& host, const std::vector<std::string>& allowed_hosts) {
    in_addr address{};
    if (::inet_pton(AF_INET, host.c_str(), &address) != 1)
        return local_error("InvalidArgument", "invalid --host '{}': expected an IPv4 address", host);
    if (is_loopback(host) || !allowed_hosts.empty()) return std::nullopt;
    return local_error("InvalidArgument",
                       "--host {} requires --allow-host NAME, the name or address by which clients reach the "
                       "engine, such as the name of a service in compose",
                       host);
}

Result<engine::Local_Engine_Options> engine_options(const Start_Arguments& arguments) {
    OSBOT_TRY(auto hosts, parse_each(arguments.allowed_hosts, &http::parse_allowed_host));
    OSBOT_TRY(auto origins, parse_each(arguments.cors_origins, &http::parse_cors_origin));
    OSBOT_TRY(auto forwards, engine::parse_forwards(arguments.forwards));
    engine::Local_Engine_Options options;
    if (!arguments.in_memory) options.state_folder = arguments.folder();
    if (arguments.port) options.port = static_cast<std::uint16_t>(*arguments.port);
    if (auto error = host_error(arguments.host, hosts)) return *error;
    options.host = arguments.host;
    options.allowed_hosts = std::move(hosts);
    options.cors_origins = std::move(origins);
    for (const auto& [service, forward] : forwards)
        if (is_own_address(forward, options.port)) return own_address_error(forward);
    options.forwards = std::move(forwards);
    OSBOT_TRY(options.runtime_support, user_runtime_support(arguments.runtime_support));
    OSBOT_TRY(options.access, user_access_settings());
    options.access.check_signatures |= arguments.access.check_signatures;
    options.access.enforce_iam |= arguments.access.enforce_iam;
    options.strict_runtimes = arguments.strict_runtimes;
    options.shared_memory = arguments.shared_memory;
    options.freeze = !arguments.no_freeze;
    options.idle_exit = std::chrono::seconds(arguments.idle_s);
    options.event_speed = arguments.event_speed;
    options.lifecycle_speed = arguments.lifecycle_speed;
    if (arguments.function_urls == "host") options.url_form = engine::Url_Form::host;
    if (arguments.function_urls == "port") options.url_form = engine::Url_Form::port;
    if (arguments.sandbox == "strict") options.sandbox = sandbox::Mode::strict;
    if (arguments.sandbox == "off") options.sandbox = sandbox::Mode::off;
    options.space = arguments.space;
    if (!arguments.init.empty()) { OSBOT_TRY(options.init_scripts, engine::Init_Scripts::find(arguments.init)); }
    return options;
}

std::string usage_text(const std::string& url, const std::string& state) {
    std::string text = fmt::format("local engine ready on {} (state: {})\n  export", url, state);
    for (const auto& [name, value] : engine::client_variables(url)) text += fmt::format(" {}={}", name, value);
    return text;
}

void warn_about_host(const std::string& host) {
    if (is_loopback(host)) return;
    print_note(
        fmt::format("osbot: warning: listening on {}; any program that reaches this address can run code as "
                    "this user",
                    host));
}

void print_usage(const Options& options, const std::string& host, const std::string& url, const std::string& state) {
    warn_about_host(host);
    print(options, {{"endpoint_url", url}, {"state", state}}, usage_text(url, state));
}

/// Lets commands find an engine in memory by its state folder. If another engine runs there, they use that one.
Result<void> offer_memory_socket(const Start_Arguments& arguments, engine::Local_Engine_Options& engine_settings) {
    if (engine_runs(arguments.folder())) {
        print_note(
            fmt::format("osbot: another engine runs on {}, and commands use that one; to use this engine, set "
                        "AWS_ENDPOINT_URL or OSBOT_AWS_STATE",
                        arguments.folder().string()));
        return {};
    }
    OSBOT_TRY(make_runtime_folder());
    engine_settings.memory_socket = memory_socket(arguments.folder());
    return {};
}

/// Runs the engine and shows each request, until Ctrl-C. `print_ready` is called when it accepts requests.
int run_in_foreground(engine::Local_Engine_Options engine_settings,
                      const std::function<void(const engine::Local_Engine&)>& print_ready) {
    base::log_level(base::Log_Level::info);
    engine_settings.on_request = print_request;
    const auto result = run_engine(engine_settings, [&](const engine::Local_Engine& engine) {
        print_ready(engine);
        std::fflush(stdout);
    });
    return result ? exit_ok : report(result.error());
}

int start_in_foreground(const Options& options, const Start_Arguments& arguments,
                        engine::Local_Engine_Options engine_settings) {
    const std::string state = arguments.in_memory ? "in memory" : arguments.folder().string();
    if (arguments.in_memory)
        if (auto offered = offer_memory_socket(arguments, engine_settings); !offered) return report(offered.error());
    const std::string host = engine_settings.host;
    return run_in_foreground(std::move(engine_settings), [&](const engine::Local_Engine& engine) {
        print_usage(options, host, engine.endpoint_url(), state);
    });
}

/// Like start_in_foreground, and the terminal shows where to attach the debugger.
int start_for_debugging(const Options& options, const Start_Arguments& arguments,
                        engine::Local_Engine_Options engine_settings) {
    const auto target = parse_debug_target(arguments.debug);
    if (!target) return report_usage(target.error());
    if (arguments.in_memory || arguments.sandbox != "off")
        return report_usage(
            local_error("InvalidArgument", "--debug requires --sandbox off and cannot be used with --in-memory"));
    engine_settings.debug = *target;
    warn_about_host(engine_settings.host);
    return run_in_foreground(std::move(engine_settings), [&](const engine::Local_Engine& engine) {
        const std::string state = arguments.folder().string();
        print(options, {{"endpoint_url", engine.endpoint_url()}, {"state", state}, {"debug_port", target->port}},
              usage_text(engine.endpoint_url(), state) + "\n" + how_to_debug(*target, arguments.folder()));
    });
}

/// Returns an error if the running daemon has other settings than the requested ones.
std::optional<Error> mismatch(const Daemon& daemon, const Start_Arguments& arguments,
                              const engine::Local_Engine_Options& options) {
    const engine::Forwards forwards = options.forwards.value_or(engine::Forwards{});
    if (daemon.started_now) return std::nullopt;
    const auto already_runs = [&](const std::string& where) {
        return local_error("AlreadyRuns", "a local engine is already running on {}, {}; stop it with osbot local stop",
                           daemon.state == "memory" ? "memory" : arguments.folder().string(), where);
    };
    if (arguments.port && daemon.port != *arguments.port) return already_runs(fmt::format("on port {}", daemon.port));
    if (daemon.host != arguments.host && !is_loopback(arguments.host))
        return already_runs(fmt::format("and listens on {} only", daemon.host));
    if (!arguments.forwards.empty() && daemon.forwards != engine::forwards_json(forwards))
        return already_runs("with other values of --forward");
    if (options.access.check_signatures && !daemon.access.check_signatures)
        return already_runs("without --check-signatures");
    if (options.access.enforce_iam && !daemon.access.enforce_iam) return already_runs("without --enforce-iam");
    if (!arguments.init.empty()) return already_runs("so the scripts of --init do not run");
    return std::nullopt;
}

/// Waits until the scripts of --init have ended. Errors: InitFailed, naming those that failed.
Result<void> wait_for_init(const fs::path& state) {
    OSBOT_TRY(const Json response, call_daemon(state, "GET", std::string(engine::init_path), "", init_timeout));
    std::string failed;
    for (const Json& script : response.at("scripts"))
        if (script.value("state", "") == "failed") failed += (failed.empty() ? "" : ", ") + script.value("name", "");
    if (failed.empty()) return {};
    return local_error("InitFailed", "the engine runs, but these scripts of --init failed: {}; see {}", failed,
                       (state / "daemon.log").string());
}

Result<int> start(const Options& options, const Start_Arguments& arguments) {
    const auto engine_settings = engine_options(arguments);
    if (!engine_settings) return report_usage(engine_settings.error());
    if (!arguments.debug.empty()) return start_for_debugging(options, arguments, *engine_settings);
    if (arguments.foreground) return start_in_foreground(options, arguments, *engine_settings);
    if (arguments.in_memory)
        return report_usage(local_error(
            "InvalidArgument", "--in-memory requires --foreground: the state is discarded when the command ends"));
    OSBOT_TRY(const auto daemon, find_or_start_daemon(*engine_settings));
    if (daemon.started_now && !arguments.init.empty()) { OSBOT_TRY(wait_for_init(arguments.folder())); }
    if (const auto error = mismatch(daemon, arguments, *engine_settings)) return report(*error);
    print_usage(options, daemon.host, daemon.endpoint_url(),
                daemon.state == "memory" ? "in memory" : arguments.folder().string());
    return exit_ok;
}

Result<int> env(const Options& options, const State_Argument& arguments) {
    OSBOT_TRY(const auto running, call_daemon(arguments.folder(), "GET", "/_osbot/health"));
    Json values = Json::object();
    std::string text;
    for (const auto& [name, value] :
         engine::client_variables(fmt::format("http://127.0.0.1:{}", running.value("port", 0)))) {
        values[name] = value;
        text += fmt::format("export {}={}\n", name, value);
    }
    print(options, values, text);
    return exit_ok;
}

Result<int> stop(const Options& options, const State_Argument& arguments) {
    OSBOT_TRY(auto running, call_daemon(arguments.folder(), "GET", "/_osbot/health"));
    const pid_t pid = running.value("pid", 0);
    const base::Unique_Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pid <= 1 || ::kill(pid, SIGTERM) != 0) return report(local_error("StopFailed", "cannot stop process {}", pid));
    pollfd exited{process.fd(), POLLIN, 0};
    if (!process || ::poll(&exited, 1, stop_timeout_ms) != 1)
        return report(local_error("StopFailed", "process {} did not exit within 30 s", pid));
    print(options, {{"stopped", pid}}, fmt::format("stopped (process {})", pid));
    return exit_ok;
}

Result<int> reset(const Options& options, const Reset_Arguments& arguments) {
    if (!arguments.yes) {
        const auto confirmed = confirm(
            fmt::format("This deletes every function, object, role and log in {}. ", arguments.folder().string()),
            "use --yes to delete all");
        if (!confirmed) return report_usage(confirmed.error());
        if (!*confirmed) return exit_failed;
    }
    OSBOT_TRY(call_daemon(arguments.folder(), "POST", "/_osbot/reset"));
    print(options, {{"status", "ok"}}, "deleted everything");
    return exit_ok;
}

void add_start(Command_Line& line, Command local) {
    auto [command, arguments] = line.add_command(local, "start", "Start the engine and wait until it is ready", &start);
    command.add_option("--port", arguments.port, "TCP port (default 4566); 0 selects a free port").in_range(0, 65535);
    command.add_flag("--in-memory", arguments.in_memory, "Discard all state at exit; requires --foreground");
    command.add_flag("--foreground", arguments.foreground, "Run in this terminal until Ctrl-C, and show each request");
    command.add_option("--host ADDRESS", arguments.host,
                       "IPv4 address to listen on (default 127.0.0.1); 0.0.0.0 is all interfaces, for containers; "
                       "requires --allow-host unless it is a loopback address");
    command.add_option("--allow-host NAME", arguments.allowed_hosts,
                       "Also accept requests to this host name and the names below it, such as the service name of a "
                       "container; repeatable");
    command.add_option("--cors-origin ORIGIN", arguments.cors_origins,
                       "Accept requests from web pages of this origin, such as http://localhost:3000; repeatable");
    command.add_option("--forward SERVICE=URL", arguments.forwards,
                       "Pass requests of a service that the engine lacks to another local endpoint, such as "
                       "dynamodb=http://127.0.0.1:8000; '*=URL' is every such service; repeatable");
    command
        .add_option("--function-urls", arguments.function_urls,
                    "Addresses of function URLs: host (http://ID.lambda-url.REGION.localhost:4566/), port "
                    "(http://127.0.0.1:PORT/), auto (host if this machine resolves such names, else port)")
        .one_of({"auto", "host", "port"});
    command
        .add_option("--sandbox", arguments.sandbox,
                    "Isolation: auto (as far as the host allows), strict (complete, or fail), off (for debuggers)")
        .one_of({"auto", "strict", "off"});
    command.add_flag("--check-signatures", arguments.access.check_signatures,
                     "Verify the signature of each request against the access keys that exist (default: "
                     "$OSBOT_AWS_CHECK_SIGNATURES, else any key is accepted)");
    command.add_flag("--enforce-iam", arguments.access.enforce_iam,
                     "Authorize each request by the policies of its caller and of the resource (default: "
                     "$OSBOT_AWS_ENFORCE_IAM, else any caller may do all)");
    command
        .add_option("--runtime-support", arguments.runtime_support,
                    "Packages of AWS's runtimes, such as boto3: auto (install missing ones), installed (never "
                    "install), off (default: $OSBOT_AWS_RUNTIME_SUPPORT, else auto)")
        .one_of({"auto", "installed", "off"});
    command.add_flag("--strict-runtimes", arguments.strict_runtimes,
                     "Refuse to run a Python function with an interpreter of another minor version");
    command.add_flag("--dev-shm", arguments.shared_memory,
                     "Give functions a /dev/shm of 16 MB, such as for Python's multiprocessing; Lambda has none");
    command.add_flag("--no-freeze", arguments.no_freeze,
                     "Let background work of functions continue between events; Lambda stops it");
    command.add_option("--init FOLDER", arguments.init,
                       "Run the files *.sh and *.py of this folder, in the order of their names, when the engine is "
                       "ready; AWS clients in them use the engine");
    command.add_option("--idle SECONDS", arguments.idle_s,
                       "Stop after this many seconds without a request (default 0: never)");
    command
        .add_option("--event-speed N", arguments.event_speed,
                    "Divide the waiting times of failed asynchronous invokes, one and two minutes, and their maximum "
                    "age by N (default 1)")
        .in_range(1, 1000);
    command
        .add_option("--lifecycle-speed N", arguments.lifecycle_speed,
                    "Divide the days of S3's lifecycle rules by N: 86400 makes a day one second (default 1)")
        .in_range(1, 86'400);
    command.add_option(
        "--debug FUNCTION[:PORT]", arguments.debug,
        "Make this function wait for gdb, debugpy or node's inspector (default port 5678); requires --sandbox off and "
        "implies --foreground");
    command.add_size("--logs-max", arguments.space.logs_bytes_max,
                     "Maximum size of log events; the oldest are deleted (default 512M)");
    command.add_size("--code-max", arguments.space.code_bytes_max,
                     "Maximum size of unpacked code; the least recently used is evicted (default 2G)");
    command.add_size("--images-max", arguments.space.images_bytes_max,
                     "Maximum size of images; images in use are never removed (default: unlimited)");
}

void add_env(Command_Line& line, Command local) {
    line.add_command(local, "env", "Print the environment variables with which AWS clients use the engine", &env,
                     "Examples:\n"
                     "  eval \"$(osbot local env)\" && aws s3 ls");
}

void add_stop(Command_Line& line, Command local) {
    line.add_command(local, "stop", "Stop the engine and wait until it has exited", &stop);
}

void add_reset(Command_Line& line, Command local) {
    auto [command, arguments] = line.add_command(
        local, "reset", "Delete everything in the engine: functions, objects, roles, logs, images", &reset);
    command.add_flag("--yes", arguments.yes, "Do not ask for confirmation");
}

}  // namespace

void add_local(Command_Line& line) {
    Command local = line.root().add_command(
        "local", "Manage the local engine: start, env, stop, status, prune, image, runtime, export, import, reset",
        "Examples:\n"
        "  osbot local start                               listen on http://127.0.0.1:4566\n"
        "  osbot local start --state ./state --port 0      listen on a free port\n"
        "  osbot local start --in-memory --foreground      stop and discard all state on Ctrl-C\n"
        "  osbot local start --forward '*=http://127.0.0.1:5000'\n"
        "                                                  use moto's server for services that the engine lacks\n"
        "  osbot local start --sandbox off --debug hello   debug hello with gdb or debugpy\n"
        "  eval \"$(osbot local env)\"                      let other AWS clients in this shell use the engine\n"
        "  osbot local status\n"
        "  osbot local prune --dry-run\n"
        "  osbot local export state.tar.zst                write the state to an archive\n"
        "  osbot local stop");
    local.require_command();
    add_start(line, local);
    add_env(line, local);
    add_stop(line, local);
    add_status(line, local);
    add_prune(line, local);
    add_images(line, local);
    add_runtimes(line, local);
    add_state(line, local);
    add_reset(line, local);
}

}  // namespace osbot_aws::cli

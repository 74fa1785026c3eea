#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/files.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/daemon.hpp"
#include "cli/debugging.hpp"
#include "cli/terminal.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr int stop_max_ms = 30'000;

struct Start_Arguments : State_Argument {
    std::string sandbox = "auto", debug, host = "127.0.0.1";
    engine::Space_Limits space;
    std::optional<int> port;
    int idle_s = 0;
    bool in_memory = false, foreground = false, strict_runtimes = false;
};

struct Reset_Arguments : State_Argument {
    bool yes = false;
};

server::Local_Engine_Options engine_options(const Start_Arguments& arguments) {
    server::Local_Engine_Options options;
    if (!arguments.in_memory) options.state_folder = arguments.folder();
    if (arguments.port) options.port = static_cast<std::uint16_t>(*arguments.port);
    options.all_interfaces = arguments.host == "0.0.0.0";
    options.strict_runtimes = arguments.strict_runtimes;
    options.idle_exit = std::chrono::seconds(arguments.idle_s);
    if (arguments.sandbox == "strict") options.sandbox = sandbox::Mode::strict;
    if (arguments.sandbox == "off") options.sandbox = sandbox::Mode::off;
    options.space = arguments.space;
    return options;
}

std::string how_to_use(const std::string& url, const std::string& state) {
    return fmt::format(
        "local engine ready on {} (state: {})\n"
        "  export AWS_ENDPOINT_URL={} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 "
        "AWS_DEFAULT_REGION=us-east-1",
        url, state, url);
}

/// Stays in this terminal, which is told where to attach.
int start_to_debug(const Options& options, const Start_Arguments& arguments) {
    const auto target = parse_debug_target(arguments.debug);
    if (!target) return report_usage(target.error());
    if (arguments.in_memory || arguments.sandbox != "off")
        return report_usage({"InvalidArgument", "--debug needs --sandbox off and a state folder", 0});
    server::Local_Engine_Options wanted = engine_options(arguments);
    wanted.debug = *target;
    base::log_level(base::Log_Level::info);
    auto ended = run_engine(wanted, [&](const server::Local_Engine& engine) {
        const std::string state = arguments.folder().string();
        print(options, {{"endpoint_url", engine.endpoint_url()}, {"state", state}, {"debug_port", target->port}},
              how_to_use(engine.endpoint_url(), state) + "\n" + how_to_debug(*target, arguments.folder()));
        std::fflush(stdout);
    });
    return ended ? exit_ok : report(ended.error());
}

int start(const Options& options, const Start_Arguments& arguments) {
    if (!arguments.debug.empty()) return start_to_debug(options, arguments);
    const std::string state = arguments.in_memory ? "in memory" : arguments.folder().string();
    const server::Local_Engine_Options wanted = engine_options(arguments);
    const auto say = [&](const std::string& url) {
        if (wanted.all_interfaces) {
            std::fprintf(
                stderr,
                "osbot: listening on all interfaces: every host that reaches this port can run code as this user\n");
        }
        print(options, {{"endpoint_url", url}, {"state", state}}, how_to_use(url, state));
    };
    if (arguments.foreground) {
        base::log_level(base::Log_Level::info);
        auto ended = run_engine(wanted, [&](const server::Local_Engine& engine) {
            say(engine.endpoint_url());
            std::fflush(stdout);
        });
        return ended ? exit_ok : report(ended.error());
    }
    if (arguments.in_memory) {
        std::fprintf(stderr, "osbot: --in-memory needs --foreground: a daemon is found by its state folder\n");
        return exit_usage;
    }
    const auto daemon = find_or_start_daemon(wanted);
    if (!daemon) return report(daemon.error());
    if (!daemon->started_now && arguments.port && daemon->port != *arguments.port) {
        return report({"AlreadyRuns",
                       fmt::format("a local engine runs on {} already, on port {}; osbot local stop ends it", state,
                                   daemon->port),
                       0});
    }
    if (daemon->host != arguments.host && wanted.all_interfaces) {
        return report({"AlreadyRuns",
                       fmt::format("a local engine runs on {} already and listens on {} only; osbot local stop ends it",
                                   state, daemon->host),
                       0});
    }
    say(daemon->endpoint_url());
    return exit_ok;
}

int stop(const Options& options, const State_Argument& arguments) {
    auto running = ask_daemon(arguments.folder(), "GET", "/_osbot/health");
    if (!running) return report(running.error());
    const pid_t pid = running->value("pid", 0);
    const base::Unique_Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pid <= 1 || ::kill(pid, SIGTERM) != 0)
        return report({"StopFailed", fmt::format("cannot end process {}", pid), 0});
    pollfd ended{process.fd(), POLLIN, 0};
    if (!process || ::poll(&ended, 1, stop_max_ms) != 1)
        return report({"StopFailed", fmt::format("process {} has not ended after 30 s", pid), 0});
    print(options, {{"stopped", pid}}, fmt::format("stopped (process {})", pid));
    return exit_ok;
}

int reset(const Options& options, const Reset_Arguments& arguments) {
    if (!arguments.yes) {
        if (!is_any_terminal(0))
            return report_usage(
                {"InvalidArgument", "there is no terminal to ask whether all may be deleted; --yes says so", 0});
        std::fprintf(stderr, "This deletes every function, object, role and log of %s. Go on? [y/N] ",
                     arguments.folder().c_str());
        const int answer = std::getchar();
        if (answer != 'y' && answer != 'Y') return exit_failed;
    }
    auto done = ask_daemon(arguments.folder(), "POST", "/_osbot/reset");
    if (!done) return report(done.error());
    print(options, {{"status", "ok"}}, "everything is deleted");
    return exit_ok;
}

void add_start(Command_Line& line, Command local) {
    Command command = local.add_command("start", "Start it, and return when it answers");
    Start_Arguments& arguments = line.runs(command, &start);
    arguments.add_to(command);
    command.add_option("--port", arguments.port, "TCP port (default 4566; 0: any free one)").in_range(0, 65535);
    command.add_flag("--in-memory", arguments.in_memory, "Keep nothing (with --foreground)");
    command.add_flag("--foreground", arguments.foreground, "Stay in this terminal; Ctrl-C ends it");
    command
        .add_option("--host", arguments.host,
                    "Listen on 0.0.0.0, that is all interfaces, instead of 127.0.0.1: for containers")
        .one_of({"127.0.0.1", "0.0.0.0"});
    command
        .add_option("--sandbox", arguments.sandbox,
                    "auto (as far as the host allows), strict (all, or refuse) or off (for debuggers)")
        .one_of({"auto", "strict", "off"});
    command.add_flag("--strict-runtimes", arguments.strict_runtimes, "Refuse to run a Python of another minor version");
    command.add_option("--idle", arguments.idle_s, "End after so many seconds without a request (default 0: never)");
    command
        .add_option("--debug", arguments.debug,
                    "This function waits for gdb or debugpy (port 5678); with --sandbox off, in this terminal")
        .type_name("FUNCTION[:PORT]");
    command.add_size("--logs-max", arguments.space.logs_bytes_max,
                     "Keep no more log events, the newest (default 512M)");
    command.add_size("--code-max", arguments.space.code_bytes_max,
                     "Keep no more unpacked code, what was used last (default 2G)");
    command.add_size("--images-max", arguments.space.images_bytes_max,
                     "Keep no more of images, but all that functions run (default: all)");
}

void add_stop(Command_Line& line, Command local) {
    Command command = local.add_command("stop", "End it, and return when it has ended");
    line.runs(command, &stop).add_to(command);
}

void add_reset(Command_Line& line, Command local) {
    Command command = local.add_command("reset", "Delete everything it holds");
    Reset_Arguments& arguments = line.runs(command, &reset);
    arguments.add_to(command);
    command.add_flag("--yes", arguments.yes, "Do not ask");
}

}  // namespace

void add_local(Command_Line& line) {
    Command local =
        line.root().add_command("local", "The local engine as a daemon: start, stop, status, prune, image, reset",
                                "Examples:\n"
                                "  osbot local start                            http://127.0.0.1:4566\n"
                                "  osbot local start --state ./state --port 0   any free port\n"
                                "  osbot local start --in-memory --foreground   nothing is kept; Ctrl-C ends it\n"
                                "  osbot local start --sandbox off --debug hello   hello waits for gdb or debugpy\n"
                                "  osbot local status\n"
                                "  osbot local prune --dry-run\n"
                                "  osbot local stop");
    local.require_command();
    add_start(line, local);
    add_stop(line, local);
    add_status(line, local);
    add_prune(line, local);
    add_images(line, local);
    add_reset(line, local);
}

}  // namespace osbot_aws::cli

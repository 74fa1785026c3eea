#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/files.hpp"
#include "base/http_connection.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/daemon.hpp"
#include "face/session_impl.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds answer_max{10'000};
constexpr int stop_max_ms = 30'000;

struct Arguments {
    std::string state, sandbox = "auto";
    int port = 4566, idle_s = 0;
    bool port_given = false, in_memory = false, foreground = false, strict_runtimes = false, yes = false;

    fs::path folder() const { return state.empty() ? state_folder() : fs::absolute(state); }
};

Result<Json> ask(const fs::path& state, const std::string& method, const std::string& path) {
    auto connection = base::Http_Connection::connect_unix(state / "osbot.sock", answer_max);
    if (!connection)
        return Error{"NotFound",
                     fmt::format("no local engine runs on {}; osbot local start starts one", state.string()), 0};
    auto reply =
        connection->exchange(fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, path), "", answer_max);
    if (!reply) return reply.error();
    return Json::parse(reply->body, nullptr, false);
}

server::Local_Engine_Options engine_options(const Arguments& arguments) {
    server::Local_Engine_Options options;
    if (!arguments.in_memory) options.state_folder = arguments.folder();
    options.port = static_cast<std::uint16_t>(arguments.port);
    options.strict_runtimes = arguments.strict_runtimes;
    options.idle_exit = std::chrono::seconds(arguments.idle_s);
    if (arguments.sandbox == "strict") options.sandbox = sandbox::Mode::strict;
    if (arguments.sandbox == "off") options.sandbox = sandbox::Mode::off;
    return options;
}

std::string how_to_use(const std::string& url, const std::string& state) {
    return fmt::format(
        "local engine ready on {} (state: {})\n"
        "  export AWS_ENDPOINT_URL={} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1",
        url, state, url);
}

int start(const Options& options, const Arguments& arguments) {
    const std::string state = arguments.in_memory ? "in memory" : arguments.folder().string();
    const server::Local_Engine_Options wanted = engine_options(arguments);
    const auto say = [&](const std::string& url) {
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
    if (auto running = ask(arguments.folder(), "GET", "/_osbot/health")) {
        const std::string url = fmt::format("http://127.0.0.1:{}", running->value("port", 0));
        if (arguments.port_given && running->value("port", 0) != arguments.port) {
            return report({"AlreadyRuns",
                           fmt::format("a local engine runs on {} already, on port {}; osbot local stop ends it", state,
                                       running->value("port", 0)),
                           0});
        }
        say(url);
        return exit_ok;
    }
    auto url = start_daemon(wanted);
    if (!url) return report(url.error());
    say(*url);
    return exit_ok;
}

int stop(const Options& options, const Arguments& arguments) {
    auto running = ask(arguments.folder(), "GET", "/_osbot/health");
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

std::string in_mib(const fs::path& folder) {
    std::uintmax_t bytes = 0;
    std::error_code failed;
    for (auto walk = fs::recursive_directory_iterator(folder, failed); walk != fs::end(walk); walk.increment(failed)) {
        if (failed) break;
        std::error_code gone;
        if (walk->is_regular_file(gone) && !walk->is_symlink(gone)) bytes += walk->file_size(gone);
    }
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

int status(const Options& options, const Arguments& arguments) {
    auto running = ask(arguments.folder(), "GET", "/_osbot/health");
    if (!running) return report(running.error());
    auto sandbox = sandbox::Sandbox::create(sandbox::Mode::automatic);
    std::string text = fmt::format(
        "endpoint       http://127.0.0.1:{}\nstate          {} ({})\nprocess        {}\nversion        "
        "{}\nenvironments   {}\nqueued events  {}\n",
        running->value("port", 0), arguments.folder().string(), in_mib(arguments.folder()), running->value("pid", 0),
        running->value("version", ""), running->value("environments", 0), running->value("queued", 0));
    Json missing = Json::array();
    if (sandbox) {
        for (const std::string& sentence : (*sandbox)->capabilities().missing) {
            missing.push_back(sentence);
            text += "sandbox        " + sentence + "\n";
        }
    }
    if (missing.empty()) text += "sandbox        complete\n";
    (*running)["sandbox_missing"] = missing;
    print(options, *running, text);
    return exit_ok;
}

int reset(const Options& options, const Arguments& arguments) {
    if (!arguments.yes && ::isatty(0) != 0) {
        std::fprintf(stderr, "This deletes every function, object, role and log of %s. Go on? [y/N] ",
                     arguments.folder().c_str());
        const int answer = std::getchar();
        if (answer != 'y' && answer != 'Y') return exit_failed;
    }
    auto done = ask(arguments.folder(), "POST", "/_osbot/reset");
    if (!done) return report(done.error());
    print(options, {{"status", "ok"}}, "everything is deleted");
    return exit_ok;
}

}  // namespace

void add_local(CLI::App& app, const Options& options, Action& action) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* local = app.add_subcommand("local", "The local engine as a daemon: start, stop, status, image, reset");
    local->require_subcommand(1);
    local->footer(
        "Examples:\n  osbot local start                       http://127.0.0.1:4566\n  osbot local start --state "
        "./state --port 0   any free port\n"
        "  osbot local start --in-memory --foreground   nothing is kept; Ctrl-C ends it\n  osbot local status\n  osbot "
        "local stop");
    const auto add = [&](const char* name, const char* text, int (*run)(const Options&, const Arguments&)) {
        CLI::App* command = local->add_subcommand(name, text);
        command->add_option("--state", arguments->state,
                            "State folder (default: $OSBOT_AWS_STATE, else ~/.local/state/osbot_aws)");
        command->callback([&options, &action, arguments, run] {
            action = [&options, arguments, run] { return run(options, *arguments); };
        });
        return command;
    };
    CLI::App* start_command = add("start", "Start it, and return when it answers", &start);
    start_command
        ->add_option_function<int>(
            "--port", [arguments](int port) { arguments->port = port, arguments->port_given = true; },
            "TCP port on 127.0.0.1 (default 4566; 0: any free one)")
        ->check(CLI::Range(0, 65535));
    start_command->add_flag("--in-memory", arguments->in_memory, "Keep nothing (with --foreground)");
    start_command->add_flag("--foreground", arguments->foreground, "Stay in this terminal; Ctrl-C ends it");
    start_command
        ->add_option("--sandbox", arguments->sandbox,
                     "auto (as far as the host allows), strict (all, or refuse) or off (for debuggers)")
        ->check(CLI::IsMember({"auto", "strict", "off"}));
    start_command->add_flag("--strict-runtimes", arguments->strict_runtimes,
                            "Refuse to run a Python of another minor version");
    start_command->add_option("--idle", arguments->idle_s,
                              "End after so many seconds without a request (default 0: never)");
    add("stop", "End it, and return when it has ended", &stop);
    add("status", "Show where it is and what runs", &status);
    add_images(*local, options, action);
    add("reset", "Delete everything it holds", &reset)->add_flag("--yes", arguments->yes, "Do not ask");
}

}  // namespace osbot_aws::cli

#include "cli/deploy_watch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include "cli/command_line.hpp"
#include "cli/logs_follow.hpp"
#include "cli/source_watch.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t names_shown_max = 3;
constexpr int kept_block_bytes_max = 32 << 20;  // the most that glibc takes
constexpr int kept_bytes_max = 256 << 20;

/// What the watch is about, and the steps after each change.
class Watched_Deploy {
public:
    Watched_Deploy(const Options& options, const Deploy_Arguments& deploy, const Watch_Arguments& watch)
        : options_(options), deploy_(deploy), watch_(watch) {}

    int run() {
        // What one deploy took is kept for the next: taking millions of bytes anew each time is a third of its work.
        ::mallopt(M_MMAP_THRESHOLD, kept_block_bytes_max);
        ::mallopt(M_TRIM_THRESHOLD, kept_bytes_max);
        if (const int refused = check(); refused != exit_ok) return refused;
        auto sources = Source_Watch::of(sources_of(), ignored());
        if (!sources) return report(sources.error());
        ::signal(SIGINT, [](int) { ::_exit(exit_ok); });  // nothing of ours has to be undone
        ::signal(SIGTERM, [](int) { ::_exit(exit_ok); });
        for (;;) {
            once();
            say("watching; Ctrl-C ends it");
            const auto changed = sources->wait();
            if (!changed) return report(changed.error());
            say("changed: " + names_of(*changed));
        }
    }

private:
    int check() const {
        if (!deploy_.image.empty()) return usage("--watch follows files, and --image has none here");
        const bool module = deploy_.what.find(':') != std::string::npos && !fs::exists(deploy_.what);
        if (module) return usage("--watch follows files: give the .py file or the folder instead of MODULE:FUNCTION");
        if (watch_.build.empty() && !fs::exists(deploy_.what))
            return report({"NotFound", fmt::format("there is no {}", deploy_.what), 0});
        return exit_ok;
    }

    static int usage(const char* text) {
        std::fprintf(stderr, "osbot: %s\n", text);
        return exit_usage;
    }

    /// With a build its sources, else what is packed.
    std::vector<fs::path> sources_of() const {
        std::vector<fs::path> sources(watch_.sources.begin(), watch_.sources.end());
        if (watch_.build.empty())
            sources.emplace_back(deploy_.what);
        else if (sources.empty())
            sources.emplace_back(".");
        sources.insert(sources.end(), deploy_.files.begin(), deploy_.files.end());
        sources.insert(sources.end(), deploy_.folders.begin(), deploy_.folders.end());
        return sources;
    }

    /// Never packed or never meant; and, when a build makes things, what it makes: a CMake build folder, the folder of
    /// the program.
    Source_Watch::Ignored ignored() const {
        std::error_code failed;
        const fs::path program = watch_.build.empty() ? fs::path() : fs::weakly_canonical(deploy_.what, failed);
        const fs::path own = program.parent_path(), here = fs::current_path(failed);
        return [program, own, here, globs = deploy_.ignore](const fs::path& path) {
            const std::string name = path.filename().string();
            if (is_scratch(path) || name == "__pycache__") return true;
            for (const std::string& glob : globs) {
                if (::fnmatch(glob.c_str(), name.c_str(), 0) == 0) return true;
            }
            if (program.empty()) return false;
            std::error_code missing;
            return path == program || (path == own && own != here) || fs::exists(path / "CMakeCache.txt", missing);
        };
    }

    void once() {
        try {
            if (!watch_.build.empty() && !built()) return;
            const Deployed deployed = deploy_once(options_, deploy_, packed_);
            if (deployed.exit_code != exit_ok) return std::fflush(stdout), void();
            if (watch_.logs && !following_) follow(deployed.function);
            if (!watch_.event.empty()) invoke(deployed.function);
        } catch (const Aws_Exception& failed) { report(failed.error()); } catch (const std::exception& failed) {
            report({"InternalError", failed.what(), 0});
        }
        std::fflush(stdout);
    }

    /// In this terminal and its process group: its colours stay, and Ctrl-C ends it as well. What it says goes to
    /// stderr, as stdout is for answers.
    bool built() const {
        std::string shell = "/bin/sh", flag = "-c", command = watch_.build;
        char* const argv[] = {shell.data(), flag.data(), command.data(), nullptr};
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, 2, 1);
        pid_t pid = 0;
        const int failed = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv, environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) return report({"BuildFailed", std::strerror(failed), 0}), false;
        int status = 0;
        while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
        if (status == 0) return true;
        report({"BuildFailed",
                fmt::format("'{}' failed ({} {}), so nothing is deployed", watch_.build,
                            WIFSIGNALED(status) ? "signal" : "exit code",
                            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)),
                0});
        return false;
    }

    /// Beside the watch, for as long as that lasts; from now on.
    void follow(const std::string& function) {
        following_ = true;
        std::thread([options = options_, function] {
            try {
                follow_logs(options, {.function = function, .pattern = {}, .lines = 0, .since_ms = 0});
            } catch (const std::exception& failed) { report({"InternalError", failed.what(), 0}); }
        }).detach();
    }

    /// As the command itself does it.
    void invoke(const std::string& function) const {
        std::string program = "osbot", command = "invoke", name = function, event = watch_.event;
        char* argv[] = {program.data(), command.data(), name.data(), event.data(), nullptr};
        Command_Line line;
        line.options = options_;
        line.run(4, argv);
    }

    void say(const std::string& text) const {
        if (!options_.json) std::fprintf(stderr, "%s\n", text.c_str());
    }

    static std::string names_of(const std::vector<fs::path>& changed) {
        std::string names;
        for (std::size_t i = 0; i < std::min(changed.size(), names_shown_max); ++i)
            names += (i == 0 ? "" : ", ") + changed[i].filename().string();
        if (changed.size() > names_shown_max) names += fmt::format(" and {} more", changed.size() - names_shown_max);
        return names;
    }

    const Options& options_;
    const Deploy_Arguments& deploy_;
    const Watch_Arguments& watch_;
    std::shared_ptr<packing::Packed_Files> packed_ = std::make_shared<packing::Packed_Files>();
    bool following_ = false;
};

}  // namespace

void add_watch_options(Command command, Watch_Arguments& arguments) {
    const Option watch =
        command.add_flag("--watch", arguments.on, "Deploy again at each save, until Ctrl-C; errors do not end it");
    command.add_option("--build", arguments.build, "Run this in a shell before each deploy, and follow its sources")
        .type_name("COMMAND")
        .needs(watch);
    command
        .add_option("--sources", arguments.sources,
                    "A file or folder to follow (default: what is packed; with --build this folder); may be repeated")
        .type_name("FILE")
        .needs(watch);
    command.add_option("--invoke", arguments.event, "Call the function after each deploy: JSON or @file")
        .type_name("JSON")
        .needs(watch);
    command.add_flag("--logs", arguments.logs, "Show what the function writes meanwhile").needs(watch);
}

int deploy_and_watch(const Options& options, const Deploy_Arguments& deploy, const Watch_Arguments& watch) {
    return Watched_Deploy(options, deploy, watch).run();
}

}  // namespace osbot_aws::cli

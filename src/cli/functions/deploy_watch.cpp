#include "cli/functions/deploy_watch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
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
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "base/local_error.hpp"
#include "cli/commands/command_line.hpp"
#include "cli/functions/logs_follow.hpp"
#include "cli/functions/source_watch.hpp"
#include "cli/output/terminal.hpp"
#include "packing/folder_filter.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t printed_names_max = 3;
constexpr int mmap_threshold_bytes = 32 << 20;  // the maximum that glibc accepts
constexpr int trim_threshold_bytes = 256 << 20;

/// Watches the sources of a deploy and runs the steps after each change.
class Watched_Deploy {
public:
    Watched_Deploy(const Options& options, const Deploy_Arguments& deploy, const Watch_Arguments& watch,
                   const Read_Settings& read_settings)
        : options_(options), deploy_(deploy), watch_(watch), read_settings_(read_settings) {
        if (!watch_.build.empty() || deploy_.build.empty()) return;
        watch_.build = deploy_.build;
        build_folder_ = fs::path(deploy_.settings_file).parent_path();
    }

    int run() {
        // Keeps freed memory for the next deploy: allocating it again would take a third of the time of a deploy.
        ::mallopt(M_MMAP_THRESHOLD, mmap_threshold_bytes);
        ::mallopt(M_TRIM_THRESHOLD, trim_threshold_bytes);
        if (const int error_code = check(); error_code != exit_ok) return error_code;
        auto filters = filters_of(sources_of());
        if (!filters) return report(filters.error());
        auto sources = Source_Watch::create(sources_of(), ignored(*std::move(filters)));
        if (!sources) return report(sources.error());
        ::signal(SIGINT, [](int) { ::_exit(exit_ok); });  // there is nothing to clean up
        ::signal(SIGTERM, [](int) { ::_exit(exit_ok); });
        for (;;) {
            deploy_changes();
            print_status("watching; press Ctrl-C to stop");
            const auto changed = sources->wait();
            if (!changed) return report(changed.error());
            print_status("changed: " + names_of(*changed));
            read_settings();
        }
    }

private:
    /// Reads osbot.toml again. The watched files stay those of the start.
    void read_settings() {
        if (deploy_.settings_file.empty()) return;
        auto settings = read_settings_();
        if (settings && settings->settings_file.empty())
            settings = local_error("InvalidSettings", "{} no longer lists the function", deploy_.settings_file);
        valid_ = settings.has_value();
        if (valid_)
            deploy_ = *std::move(settings);
        else
            report_usage(settings.error());
    }

    int check() const {
        if (!deploy_.image.empty()) return usage("--watch cannot be used with --image, which has no files to watch");
        const bool module = deploy_.source.find(':') != std::string::npos && !fs::exists(deploy_.source);
        if (module) return usage("--watch needs files: pass the .py file or the folder instead of MODULE:FUNCTION");
        if (watch_.build.empty() && !fs::exists(deploy_.source))
            return report(local_error("NotFound", "{} does not exist", deploy_.source));
        return exit_ok;
    }

    static int usage(const char* text) { return report_usage({"InvalidArgument", text, 0}); }

    /// Returns the files and folders to watch: the packed ones and --sources. With a build command, --sources (default:
    /// the current folder) replaces the deployed program.
    std::vector<fs::path> sources_of() const {
        std::vector<fs::path> sources(watch_.sources.begin(), watch_.sources.end());
        if (watch_.build.empty())
            sources.emplace_back(deploy_.source);
        else if (sources.empty())
            sources.push_back(build_folder_.empty() ? "." : build_folder_);
        if (!deploy_.settings_file.empty()) sources.emplace_back(deploy_.settings_file);
        sources.insert(sources.end(), deploy_.files.begin(), deploy_.files.end());
        sources.insert(sources.end(), deploy_.folders.begin(), deploy_.folders.end());
        return sources;
    }

    using Filters = std::vector<std::pair<fs::path, packing::Folder_Filter>>;

    /// Returns a filter for each folder that is watched.
    Result<Filters> filters_of(const std::vector<fs::path>& sources) const {
        Filters filters;
        std::error_code missing;
        for (const fs::path& source : sources) {
            if (!fs::is_directory(source, missing)) continue;
            const packing::Folder_Rules rules{.ignore = deploy_.ignore, .include = deploy_.include};
            OSBOT_TRY(auto filter, packing::Folder_Filter::create(source, rules));
            filters.emplace_back(fs::canonical(source, missing), std::move(filter));
        }
        return filters;
    }

    static bool excluded(const Filters& filters, const fs::path& path) {
        std::error_code missing;
        return std::any_of(filters.begin(), filters.end(), [&](const auto& folder) {
            const fs::path relative = path.lexically_relative(folder.first);
            if (relative.empty() || *relative.begin() == ".." || relative == ".") return false;
            const bool is_folder = fs::is_directory(path, missing);
            return folder.second.excludes(relative, is_folder) &&
                   !(is_folder && folder.second.has_included_below(relative));
        });
    }

    /// Ignores scratch files and files that are not packed. With a build command, also its output: CMake build
    /// folders and the folder of the program.
    Source_Watch::Ignored ignored(Filters filters) const {
        std::error_code failed;
        const fs::path program = watch_.build.empty() ? fs::path() : fs::weakly_canonical(deploy_.source, failed);
        const fs::path program_folder = program.parent_path(), current = fs::current_path(failed);
        const fs::path settings =
            deploy_.settings_file.empty() ? fs::path() : fs::weakly_canonical(deploy_.settings_file, failed);
        return [program, program_folder, current, settings, filters = std::move(filters)](const fs::path& path) {
            if (path == settings) return false;
            if (is_scratch(path) || excluded(filters, path)) return true;
            if (program.empty()) return false;
            std::error_code missing;
            return path == program || (path == program_folder && program_folder != current) ||
                   fs::exists(path / "CMakeCache.txt", missing);
        };
    }

    void deploy_changes() {
        if (!valid_) return;
        try {
            if (!watch_.build.empty() && !build()) return;
            const Deployed deployed = deploy_once(options_, deploy_, packed_);
            if (deployed.exit_code != exit_ok) return std::fflush(stdout), void();
            if (watch_.logs && !following_) follow(deployed.function);
            if (!watch_.event.empty()) invoke(deployed.function);
        } catch (const Aws_Exception& error) { report(error.error()); } catch (const std::exception& error) {
            report({"InternalError", error.what(), 0});
        }
        std::fflush(stdout);
    }

    /// Runs the build command in this terminal and process group, so that its output has colours and Ctrl-C also stops
    /// it. Its output goes to stderr, because stdout is for results.
    bool build() const {
        std::string shell = "/bin/sh", flag = "-c", command = watch_.build;
        char* const argv[] = {shell.data(), flag.data(), command.data(), nullptr};
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, 2, 1);
        if (!build_folder_.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, build_folder_.c_str());
        pid_t pid = 0;
        const int failed = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv, environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) return report({"BuildFailed", std::strerror(failed), 0}), false;
        int status = 0;
        while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
        if (status == 0) return true;
        report(local_error("BuildFailed", "'{}' failed ({} {}); nothing was deployed", watch_.build,
                           WIFSIGNALED(status) ? "signal" : "exit code",
                           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
        return false;
    }

    /// Prints new log lines on another thread, until the process exits. Returns when lines will be printed, or when
    /// that failed: those of the first invocation are new.
    void follow(const std::string& function) {
        following_ = true;
        auto started = std::make_shared<std::promise<void>>();
        const auto waiting = started->get_future();
        std::thread([options = options_, function, started = std::move(started)]() mutable {
            try {
                follow_logs(options, {.functions = {function},
                                      .pattern = {},
                                      .lines = 0,
                                      .since_ms = 0,
                                      .on_started = [started = std::move(started)] { started->set_value(); }});
            } catch (const std::exception& error) { report({"InternalError", error.what(), 0}); }
        }).detach();
        waiting.wait();  // a promise that is destroyed without a value ends the wait, too
    }

    /// Runs `osbot invoke`.
    void invoke(const std::string& function) const {
        std::string program = "osbot", command = "invoke", name = function, event = watch_.event;
        char* argv[] = {program.data(), command.data(), name.data(), event.data(), nullptr};
        Command_Line line;
        line.options = options_;
        line.run(4, argv);
    }

    void print_status(const std::string& text) const {
        if (!options_.json) print_note(text);
    }

    static std::string names_of(const std::vector<fs::path>& changed) {
        std::string names;
        for (std::size_t i = 0; i < std::min(changed.size(), printed_names_max); ++i)
            names += (i == 0 ? "" : ", ") + changed[i].filename().string();
        if (changed.size() > printed_names_max)
            names += fmt::format(" and {} more", changed.size() - printed_names_max);
        return names;
    }

    const Options& options_;
    Deploy_Arguments deploy_;
    Watch_Arguments watch_;
    const Read_Settings& read_settings_;
    fs::path build_folder_;  // where a build command of osbot.toml runs; empty: the current folder
    bool valid_ = true;      // whether osbot.toml could be read
    std::shared_ptr<packing::Packed_Files> packed_ = std::make_shared<packing::Packed_Files>();
    bool following_ = false;
};

}  // namespace

Option add_watch_options(Command command, Watch_Arguments& arguments) {
    const Option watch = command.add_flag("--watch", arguments.enabled,
                                          "Deploy again after each save until Ctrl-C; errors do not stop it");
    command
        .add_option("--build COMMAND", arguments.build,
                    "Run this shell command before each deploy and watch its sources")
        .needs(watch);
    command
        .add_option("--sources FILE", arguments.sources,
                    "Watch this file or folder as well; with --build, instead of the current folder; may be repeated")
        .needs(watch);
    command
        .add_option("--invoke JSON", arguments.event,
                    "Call the function with this payload after each deploy: JSON or @file")
        .needs(watch);
    command.add_flag("--logs", arguments.logs, "Show new log lines of the function").needs(watch);
    return watch;
}

int deploy_and_watch(const Options& options, const Deploy_Arguments& deploy, const Watch_Arguments& watch,
                     const Read_Settings& read_settings) {
    return Watched_Deploy(options, deploy, watch, read_settings).run();
}

}  // namespace osbot_aws::cli

#include "cli/doctor/doctor_checks.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>

#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/port_holder.hpp"
#include "cli/engine/daemon.hpp"
#include "engine/version.hpp"
#include "sandbox/kernel.hpp"
#include "sandbox/sandbox.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

using enum Check::State;

constexpr std::uint16_t default_port = 4566;
constexpr std::uintmax_t free_bytes_low = 1ull << 30, free_bytes_min = 64ull << 20;

std::string cgroup_version() {
    struct statfs mounted {};
    if (::statfs("/sys/fs/cgroup", &mounted) != 0) return "not mounted";
    return mounted.f_type == CGROUP2_SUPER_MAGIC ? "version 2, delegated to this user"
                                                 : "version 1, delegated to this user";
}

/// Returns a warning with the sandbox's message that starts with `prefix`; if there is none, returns `ok` with `found`.
Check sandbox_part(const char* name, std::string_view prefix, std::string found,
                   const std::vector<std::string>& missing) {
    const auto reason = std::find_if(missing.begin(), missing.end(),
                                     [&](const std::string& message) { return message.starts_with(prefix); });
    if (reason == missing.end()) return {name, ok, std::move(found)};
    return {name, warning, *reason, "functions run with less isolation; see SECURITY.md"};
}

/// Returns the folder, or its nearest ancestor that exists.
fs::path nearest_existing(fs::path folder) {
    std::error_code error;
    while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
    return folder;
}

std::string owner_of(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return "unknown";
    const passwd* user = ::getpwuid(status.st_uid);
    return user != nullptr ? user->pw_name : std::to_string(status.st_uid);
}

Check free_space(const fs::path& folder) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error) return {"free space", warning, error.message(), "check the file system of " + folder.string()};
    const std::string found = fmt::format("{:.1f} GiB", static_cast<double>(space.available) / (1u << 30));
    if (space.available >= free_bytes_low) return {"free space", ok, found};
    return {"free space", space.available < free_bytes_min ? problem : warning, found,
            "free space, or select another state folder with OSBOT_AWS_STATE"};
}

bool port_is_free(std::uint16_t port) {
    const base::Unique_Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return ::bind(listener.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Checks check_sandbox(const sandbox::Kernel& kernel) {
    auto sandbox = sandbox::Sandbox::create(sandbox::Mode::automatic, kernel);
    if (!sandbox) return {{"sandbox", problem, sandbox.error().message, "see SECURITY.md"}};
    const std::vector<std::string>& missing = (*sandbox)->capabilities().missing;
    return {
        sandbox_part("namespaces", "No namespaces", "user, mount, pid, ipc", missing),
        sandbox_part("network", "No network namespace", "separate network with --sandbox=strict", missing),
        sandbox_part("overlay", "No overlay", "layers are merged without copying", missing),
        sandbox_part("cgroup", "No memory cgroup", cgroup_version(), missing),
        sandbox_part("processes", "No pids cgroup", "processes and threads are limited by the kernel", missing),
        sandbox_part("freezer", "No freezer", "functions stop between events, as on Lambda", missing),
        sandbox_part("connections", "No socket diagnosis", "the Runtime API of a function accepts only its processes",
                     missing),
        sandbox_part("seccomp", "No system call filter", "system calls are filtered", missing),
    };
}

Checks check_state_folder(const fs::path& folder) {
    const fs::path existing = nearest_existing(folder);
    const bool exists = existing == folder;
    Check check{"state folder", ok,
                exists ? fmt::format("{} (owner {})", folder.string(), owner_of(folder))
                       : fmt::format("{} (created when needed)", folder.string())};
    if (::access(existing.c_str(), W_OK | X_OK) != 0) {
        check.state = problem;
        check.found += fmt::format(": {} is not writable", existing.string());
        check.advice = fmt::format("change its owner ({}), or select another state folder with OSBOT_AWS_STATE",
                                   owner_of(existing));
    } else if (exists && !fs::is_directory(folder)) {
        check.state = problem;
        check.found += ": not a folder";
        check.advice = "select another state folder with OSBOT_AWS_STATE";
    }
    return {check, free_space(existing)};
}

Checks check_daemon(const fs::path& folder) {
    const auto running = call_daemon(folder, "GET", "/_osbot/health");
    if (!running && running.error().code != codes::daemon_not_running)
        return {{"daemon", problem, running.error().message,
                 "run osbot local stop, and see daemon.log in the state folder"}};
    if (running) {
        const std::string version = running->value("version", "");
        Check check{"daemon", ok,
                    fmt::format("version {}, on http://127.0.0.1:{}", version, running->value("port", 0))};
        if (version != engine::version) {
            check.state = warning;
            check.advice = fmt::format(
                "this command is version {}: run osbot local stop, and the next command starts this version",
                engine::version);
        }
        return {check};
    }
    const Check daemon{"daemon", ok, "not running; started automatically when needed"};
    if (port_is_free(default_port)) return {daemon, {"port", ok, fmt::format("{} is free", default_port)}};
    const std::string holder = base::port_holder(default_port);
    return {
        daemon,
        {"port", warning, fmt::format("{} is in use by {}", default_port, holder.empty() ? "another program" : holder),
         "osbot local start --port 0 selects a free port; an automatically started engine does the same"}};
}

}  // namespace osbot_aws::cli

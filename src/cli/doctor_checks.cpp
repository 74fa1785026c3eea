#include "cli/doctor_checks.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.hpp"
#include "cli/daemon.hpp"
#include "sandbox/kernel.hpp"
#include "sandbox/sandbox.hpp"
#include "server/version.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

using enum Check::State;

constexpr std::uint16_t usual_port = 4566;
constexpr std::uintmax_t free_bytes_low = 1ull << 30, free_bytes_min = 64ull << 20;

std::string cgroup_version() {
    struct statfs mounted {};
    if (::statfs("/sys/fs/cgroup", &mounted) != 0) return "none is mounted";
    return mounted.f_type == CGROUP2_SUPER_MAGIC ? "version 2, delegated to us" : "version 1, delegated to us";
}

/// What the sandbox says is missing begins with one of these: its own sentence is the best there is.
Check part_of_sandbox(const char* name, std::string_view sentence, std::string found,
                      const std::vector<std::string>& missing) {
    const auto said =
        std::find_if(missing.begin(), missing.end(), [&](const std::string& one) { return one.starts_with(sentence); });
    if (said == missing.end()) return {name, ok, std::move(found)};
    return {name, warning, *said, "functions run, less confined: SECURITY.md says what that means"};
}

/// The folder itself, or the nearest above it that is there.
fs::path existing(fs::path folder) {
    std::error_code error;
    while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
    return folder;
}

std::string owner_of(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return "nobody";
    const passwd* user = ::getpwuid(status.st_uid);
    return user != nullptr ? user->pw_name : std::to_string(status.st_uid);
}

Check free_space(const fs::path& folder) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error) return {"free space", warning, error.message(), "look at the file system of " + folder.string()};
    const std::string found = fmt::format("{:.1f} GiB", static_cast<double>(space.available) / (1u << 30));
    if (space.available >= free_bytes_low) return {"free space", ok, found};
    return {"free space", space.available < free_bytes_min ? problem : warning, found,
            "make room, or choose another state folder with OSBOT_AWS_STATE"};
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
        part_of_sandbox("namespaces", "No namespaces", "user, mount, pid, ipc", missing),
        part_of_sandbox("network", "No network namespace", "a network of its own with --sandbox=strict", missing),
        part_of_sandbox("overlay", "No overlay", "layers are merged without copying", missing),
        part_of_sandbox("cgroup", "No memory cgroup", cgroup_version(), missing),
        part_of_sandbox("seccomp", "No system call filter", "system calls are filtered", missing),
    };
}

Checks check_state_folder(const fs::path& folder) {
    const fs::path there = existing(folder);
    const bool made = there == folder;
    Check check{"state folder", ok,
                made ? fmt::format("{} (owner {})", folder.string(), owner_of(folder))
                     : fmt::format("{} (made when it is needed)", folder.string())};
    if (::access(there.c_str(), W_OK | X_OK) != 0) {
        check.state = problem;
        check.found += fmt::format(": {} can't be written", there.string());
        check.advice =
            fmt::format("take it over (its owner is {}), or choose another with OSBOT_AWS_STATE", owner_of(there));
    } else if (made && !fs::is_directory(folder)) {
        check.state = problem;
        check.found += ": it is no folder";
        check.advice = "choose another with OSBOT_AWS_STATE";
    }
    return {check, free_space(there)};
}

Checks check_daemon(const fs::path& folder) {
    const auto running = ask_daemon(folder, "GET", "/_osbot/health");
    if (!running && running.error().code != "DaemonNotRunning")
        return {{"daemon", problem, running.error().message, "osbot local stop, and daemon.log in the state folder"}};
    if (running) {
        const std::string version = running->value("version", "");
        Check check{"daemon", ok,
                    fmt::format("version {}, on http://127.0.0.1:{}", version, running->value("port", 0))};
        if (version != server::version) {
            check.state = warning;
            check.advice = fmt::format("this command is version {}: osbot local stop, and the next call starts it anew",
                                       server::version);
        }
        return {check};
    }
    const Check daemon{"daemon", ok, "does not run; it is started when it is needed"};
    if (port_is_free(usual_port)) return {daemon, {"port", ok, fmt::format("{} is free", usual_port)}};
    return {daemon,
            {"port", warning, fmt::format("{} is taken by another program", usual_port),
             "osbot local start --port 0 takes any free one; what is started by itself does so"}};
}

}  // namespace osbot_aws::cli

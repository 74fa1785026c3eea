// Programs and libraries of the host, for `osbot doctor`.
#include <dlfcn.h>
#include <fmt/format.h>

#include "base/files.hpp"
#include "base/subprocess.hpp"
#include "cli/doctor_checks.hpp"
#include "server/host_runtimes.hpp"

namespace osbot_aws::cli {
namespace {

using enum Check::State;

constexpr std::chrono::milliseconds version_wait_max{5'000};

/// What `program --version` says in its first line.
std::string version_of(const std::string& program) {
    const auto said =
        base::run_program({.argv = {program, "--version"}, .time_max = version_wait_max, .output_together = true});
    if (!said || said->exit_code != 0) return "does not say its version";
    return said->output.substr(0, said->output.find('\n'));
}

Check found_program(const char* name, const std::filesystem::path& program) {
    return {name, ok, fmt::format("{} ({})", version_of(program.string()), program.string())};
}

/// The first of these that is on PATH.
Check one_of(const char* name, std::initializer_list<const char*> programs, Check::State otherwise, const char* without,
             const char* advice) {
    for (const char* program : programs)
        if (const auto path = base::find_program(program)) return found_program(name, *path);
    return {name, otherwise, without, advice};
}

Checks check_pythons() {
    Checks checks;
    for (const server::Host_Runtime& runtime : server::host_runtimes())
        checks.push_back({runtime.identifier, ok,
                          fmt::format("{} ({})", version_of(runtime.program.string()), runtime.program.string())});
    if (checks.empty())
        checks.push_back({"python", warning, "no python3 was found, so Python functions do not run",
                          "apt install python3, or uv python install 3.13"});
    return checks;
}

/// Runs no venv: the first install of packages makes the environment.
Check check_packages() {
    Check check =
        one_of("packages", {"uv", "pip3", "pip"}, warning, "neither uv, pip nor Python's venv was found",
               "only for packages from PyPI: https://docs.astral.sh/uv, apt install python3-pip or python3-venv");
    if (check.state == ok) return check;
    const auto venv =
        base::run_program({.argv = {"python3", "-I", "-c", "import ensurepip, venv"}, .time_max = version_wait_max});
    if (!venv || venv->exit_code != 0) return check;
    return {"packages", ok, "venv of python3; the first install of packages makes an environment with pip"};
}

/// Only a look: calls to the local engine never open it.
Check check_curl() {
    void* library = ::dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr)
        return {"libcurl", warning, "was not found, so AWS and other remote endpoints can't be reached",
                "apt install libcurl4"};
    using Version = const char* (*)();
    const auto version = reinterpret_cast<Version>(::dlsym(library, "curl_version"));
    std::string said = version != nullptr ? version() : "found";
    ::dlclose(library);
    return {"libcurl", ok, said.substr(0, said.find(' '))};
}

}  // namespace

Checks check_programs() {
    Checks checks = check_pythons();
    checks.push_back(check_packages());
    checks.push_back(one_of("node", {"node"}, ok, "not on PATH; functions in JavaScript do not run here anyway", ""));
    checks.push_back(one_of("compiler", {"c++", "g++", "clang++"}, warning, "no C++ compiler is on PATH",
                            "only for functions in C++: apt install g++"));
    checks.push_back(
        one_of("cmake", {"cmake"}, warning, "not on PATH", "only for functions in C++: apt install cmake"));
    checks.push_back(check_curl());
    return checks;
}

}  // namespace osbot_aws::cli

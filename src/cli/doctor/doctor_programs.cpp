// The checks of `osbot doctor` for programs and libraries on the host.
#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/subprocess.hpp"
#include "cli/doctor/doctor_checks.hpp"
#include "engine/host_runtimes.hpp"
#include "packing/python_installer.hpp"
#include "packing/runtime_support.hpp"

namespace osbot_aws::cli {
namespace {

using enum Check::State;

constexpr std::chrono::milliseconds version_timeout{5'000};

/// Returns the first line of `program --version`.
std::string version_of(const std::string& program) {
    const auto result =
        base::run_program({.argv = {program, "--version"}, .time_max = version_timeout, .output_together = true});
    if (!result || result->exit_code != 0) return "unknown version";
    return result->output.substr(0, result->output.find('\n'));
}

Check found_program(const char* name, const std::filesystem::path& program) {
    return {name, ok, fmt::format("{} ({})", version_of(program.string()), program.string())};
}

/// Reports the first of these programs that is on PATH, or the given state, message and advice if none is.
Check first_on_path(const char* name, std::initializer_list<const char*> programs, Check::State state_if_missing,
                    const char* message_if_missing, const char* advice) {
    for (const char* program : programs)
        if (const auto path = base::find_program(program)) return found_program(name, *path);
    return {name, state_if_missing, message_if_missing, advice};
}

std::string last_line(const std::string& text) {
    const std::string line = text.substr(0, text.find_last_not_of('\n') + 1);
    return line.substr(line.rfind('\n') + 1);
}

/// Runs the interpreter: an installation may be incomplete, and the shim of a version manager may select nothing.
Check check_interpreter(const engine::Host_Runtime& runtime) {
    const std::string program = runtime.program.string();
    std::vector<std::string> test{program, "-I", "-c", "import ctypes, json"};
    if (runtime.identifier.starts_with("nodejs")) test = {program, "--eval", "require('net')"};
    const auto result = base::run_program({.argv = test, .time_max = version_timeout, .output_together = true});
    if (result && result->exit_code == 0)
        return {runtime.identifier, ok, fmt::format("{} ({})", version_of(program), program)};
    const std::string output = result ? result->output : result.error().message;
    return {runtime.identifier, warning, fmt::format("{} does not work: {}", program, last_line(output)),
            fmt::format("{} functions cannot run with it; reinstall or remove it", runtime.identifier)};
}

/// Reports the packages of AWS's runtimes: an engine installs missing ones with the first function of a runtime.
Check check_support(const std::vector<engine::Host_Runtime>& runtimes) {
    std::vector<std::string> found;
    Check check{"boto3", ok, ""};
    for (const engine::Host_Runtime& runtime : runtimes) {
        if (!packing::has_runtime_support(runtime.identifier)) continue;
        const auto packages = packing::packages_in(packing::find_runtime_support(runtime.identifier));
        if (const auto boto3 = packages.find("boto3"); boto3 != packages.end()) {
            found.push_back(fmt::format("{} for {}", boto3->second, runtime.identifier));
        } else if (const auto error = packing::recent_support_failure(runtime.identifier)) {
            check.state = warning;
            found.push_back(
                fmt::format("not installed for {}: {}", runtime.identifier, packing::one_line(error->message)));
            check.advice = "osbot local runtime install " + runtime.identifier;
        }
    }
    check.found = found.empty() ? "not installed yet; installed with the first Python function"
                                : fmt::format("{}", fmt::join(found, ", "));
    return check;
}

Checks check_interpreters() {
    Checks checks;
    const std::vector<engine::Host_Runtime> runtimes = engine::host_runtimes();
    for (const engine::Host_Runtime& runtime : runtimes) checks.push_back(check_interpreter(runtime));
    const auto found = [&](const char* language) {
        return std::ranges::any_of(checks, [&](const Check& check) { return check.name.starts_with(language); });
    };
    if (!found("python"))
        checks.push_back({"python", warning, "no python3 found; Python functions cannot run",
                          "apt install python3, or uv python install 3.13"});
    if (!found("nodejs"))
        checks.push_back({"node", ok,
                          "no node found, and needed for Node.js functions only: apt install nodejs, or "
                          "nvm install 22",
                          ""});
    if (found("python")) checks.push_back(check_support(runtimes));
    return checks;
}

/// Checks the package installers. For venv, tests the import only: the first installation creates the environment.
Check check_packages() {
    Check check = first_on_path(
        "packages", {"uv", "pip3", "pip"}, warning, "no uv, pip or Python venv found",
        "needed for packages from PyPI only: https://docs.astral.sh/uv, apt install python3-pip or python3-venv");
    if (check.state == ok) return check;
    const auto venv =
        base::run_program({.argv = {"python3", "-I", "-c", "import ensurepip, venv"}, .time_max = version_timeout});
    if (!venv || venv->exit_code != 0) return check;
    return {"packages", ok, "venv of python3; the first install of packages creates an environment with pip"};
}

/// Loads libcurl to test that it is installed: calls to the local engine never load it.
Check check_curl() {
    void* library = ::dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr)
        return {"libcurl", warning, "not found; AWS and other remote endpoints cannot be reached",
                "apt install libcurl4"};
    using Version = const char* (*)();
    const auto version = reinterpret_cast<Version>(::dlsym(library, "curl_version"));
    std::string text = version != nullptr ? version() : "found";
    ::dlclose(library);
    return {"libcurl", ok, text.substr(0, text.find(' '))};
}

}  // namespace

Checks check_programs() {
    Checks checks = check_interpreters();
    checks.push_back(check_packages());
    checks.push_back(first_on_path("compiler", {"c++", "g++", "clang++"}, warning, "no C++ compiler on PATH",
                                   "needed for C++ functions only: apt install g++"));
    checks.push_back(
        first_on_path("cmake", {"cmake"}, warning, "not on PATH", "needed for C++ functions only: apt install cmake"));
    checks.push_back(check_curl());
    return checks;
}

}  // namespace osbot_aws::cli

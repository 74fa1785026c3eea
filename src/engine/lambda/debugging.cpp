#include "engine/lambda/debugging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/files.hpp"
#include "base/random.hpp"
#include "base/subprocess.hpp"
#include "embedded/lambda_debug_py.hpp"

namespace osbot_aws::engine {
namespace fs = std::filesystem;

namespace {

constexpr const char* where_is_debugpy =
    "import importlib.util, os; "
    "print(os.path.dirname(os.path.dirname(importlib.util.find_spec('debugpy').origin)), end='')";
constexpr std::chrono::seconds python_max{10};

bool is_python(const Function& function) { return function.runtime.starts_with("python"); }

/// The folder that a Python of $VIRTUAL_ENV, else of PATH, imports debugpy from.
Result<fs::path> find_debugpy() {
    std::vector<std::string> pythons;
    if (const char* environment = std::getenv("VIRTUAL_ENV"); environment != nullptr && *environment != '\0')
        pythons.push_back(std::string(environment) + "/bin/python");
    pythons.emplace_back("python3");
    for (const std::string& python : pythons) {
        const auto end = base::run_program({.argv = {python, "-c", where_is_debugpy}, .time_max = python_max});
        if (end && end->exit_code == 0 && !end->output.empty()) return fs::path(end->output);
    }
    return Error{"DebugpyMissing",
                 fmt::format("no debugpy in the environment that the engine was started from ({}): activate yours, "
                             "pip install debugpy, and start the engine again",
                             pythons.front()),
                 0};
}

Result<void> run_below_debugpy(sandbox::Process_Spec& spec, const Debug_Target& target, const fs::path& work_folder) {
    const auto debugpy = find_debugpy();
    if (!debugpy) return debugpy.error();
    const fs::path script = work_folder / "debug" / "lambda_debug.py";
    if (auto written = base::write_file_durably(script, embedded::lambda_debug_py); !written) return written;
    // Before the runtime client, behind the interpreter's options. Frozen modules have no lines to stop at.
    const auto last_option = std::find(spec.argv.begin(), spec.argv.end(), "-S");
    if (last_option == spec.argv.end()) return Error{"ServiceException", "Python is started in an unknown way", 500};
    const auto before = {std::string("-Xfrozen_modules=off"), script.string(), std::to_string(target.port),
                         debugpy->string()};
    spec.argv.insert(last_option + 1, before);
    return {};
}

}  // namespace

fs::path debugged_code(const fs::path& work_folder, const std::string& function) {
    return work_folder / "debug" / function;
}

Result<fs::path> link_debugged_code(const fs::path& work_folder, const std::string& function, const fs::path& code) {
    const fs::path link = debugged_code(work_folder, function);
    const fs::path beside = link.string() + "." + base::random_hex(8);
    std::error_code failed;
    fs::create_directories(link.parent_path(), failed);
    if (!failed) fs::create_directory_symlink(code, beside, failed);
    if (!failed) fs::rename(beside, link, failed);
    if (failed) return Error{"ServiceException", fmt::format("cannot make {}: {}", link.string(), failed.message())};
    return link;
}

Result<void> wait_for_debugger(sandbox::Process_Spec& spec, const Function& function, const Debug_Target& target,
                               const fs::path& work_folder) {
    if (is_python(function)) return run_below_debugpy(spec, target, work_folder);
    // A program with handlers waits by itself (runtime/serve.cpp). It is executed without the loader that is packed
    // with it, which a debugger would take for the program.
    spec.environment.emplace_back("OSBOT_AWS_WAIT_FOR_DEBUGGER=1");
    std::error_code failed;
    if (const fs::path program = spec.working_directory / "bin" / "program"; fs::exists(program, failed))
        spec.argv = {program.string()};
    return {};
}

std::string where_to_attach(const Function& function, const Debug_Target& target, pid_t process) {
    return is_python(function) ? fmt::format("attach to 127.0.0.1:{} (debugpy)", target.port)
                               : fmt::format("gdb PROGRAM -p {}", process);
}

}  // namespace osbot_aws::engine

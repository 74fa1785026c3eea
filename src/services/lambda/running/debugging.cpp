#include "services/lambda/running/debugging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/random.hpp"
#include "base/subprocess.hpp"
#include "embedded/lambda_debug_py.hpp"

namespace osbot_aws::services {
namespace fs = std::filesystem;

namespace {

constexpr const char* print_debugpy_folder =
    "import importlib.util, os; "
    "print(os.path.dirname(os.path.dirname(importlib.util.find_spec('debugpy').origin)), end='')";
constexpr std::chrono::seconds python_timeout{10};

bool is_python(const Function& function) { return function.runtime.starts_with("python"); }
bool is_node(const Function& function) { return function.runtime.starts_with("nodejs"); }

/// Returns the folder from which the Python of $VIRTUAL_ENV, else the one on PATH, imports debugpy.
Result<fs::path> find_debugpy() {
    std::vector<std::string> pythons;
    if (const std::string environment = base::variable("VIRTUAL_ENV"); !environment.empty())
        pythons.push_back(environment + "/bin/python");
    pythons.emplace_back("python3");
    for (const std::string& python : pythons) {
        const auto result =
            base::run_program({.argv = {python, "-c", print_debugpy_folder}, .time_max = python_timeout});
        if (result && result->exit_code == 0 && !result->output.empty()) return fs::path(result->output);
    }
    return Error{"DebugpyMissing",
                 fmt::format("debugpy is not installed in the environment that the engine was started from ({}): "
                             "activate your virtual environment, pip install debugpy, and restart the engine",
                             pythons.front()),
                 0};
}

Result<void> run_under_debugpy(sandbox::Process_Spec& spec, const Debug_Target& target, const fs::path& work_folder) {
    OSBOT_TRY(const fs::path debugpy, find_debugpy());
    const fs::path script = work_folder / "debug" / "lambda_debug.py";
    OSBOT_TRY(base::write_file_durably(script, embedded::lambda_debug_py));
    // Insert it after the interpreter's options and before the runtime client. Breakpoints have no effect in frozen
    // modules.
    const auto last_option = std::find(spec.argv.begin(), spec.argv.end(), "-S");
    if (last_option == spec.argv.end())
        return Error{"ServiceException", "cannot insert debugpy: the Python command line has no option -S", 500};
    const auto before = {std::string("-Xfrozen_modules=off"), script.string(), std::to_string(target.port),
                         debugpy.string()};
    spec.argv.insert(last_option + 1, before);
    return {};
}

}  // namespace

fs::path debugged_code(const fs::path& work_folder, const std::string& function) {
    return work_folder / "debug" / function;
}

Result<fs::path> link_debugged_code(const fs::path& work_folder, const std::string& function, const fs::path& code) {
    const fs::path link = debugged_code(work_folder, function);
    const fs::path temporary = link.string() + "." + base::random_hex(8);
    std::error_code error;
    fs::create_directories(link.parent_path(), error);
    if (!error) fs::create_directory_symlink(code, temporary, error);
    if (!error) fs::rename(temporary, link, error);
    if (error) return Error{"ServiceException", fmt::format("cannot create {}: {}", link.string(), error.message())};
    return link;
}

Result<void> wait_for_debugger(sandbox::Process_Spec& spec, const Function& function, const Debug_Target& target,
                               const fs::path& work_folder) {
    if (is_python(function)) return run_under_debugpy(spec, target, work_folder);
    if (is_node(function)) {
        const auto first_option = std::ranges::find(spec.argv, "--expose-gc");
        spec.argv.insert(first_option, fmt::format("--inspect-brk=127.0.0.1:{}", target.port));
        return {};
    }
    // A program with handlers contains the code that waits (runtime/serve.cpp). It is executed without its packed
    // loader, because a debugger would take the loader for the program.
    spec.environment.emplace_back("OSBOT_AWS_WAIT_FOR_DEBUGGER=1");
    std::error_code ignored;
    if (const fs::path program = spec.working_directory / "bin" / "program"; fs::exists(program, ignored))
        spec.argv = {program.string()};
    return {};
}

std::string attach_instructions(const Function& function, const Debug_Target& target, pid_t process) {
    if (is_node(function)) return fmt::format("attach to 127.0.0.1:{} (node inspector)", target.port);
    return is_python(function) ? fmt::format("attach to 127.0.0.1:{} (debugpy)", target.port)
                               : fmt::format("gdb PROGRAM -p {}", process);
}

}  // namespace osbot_aws::services

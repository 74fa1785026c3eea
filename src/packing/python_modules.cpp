#include "packing/python_modules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/local_error.hpp"
#include "base/subprocess.hpp"
#include "packing/elf.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

/// Prints the module's file or its folders, one per line, prefixed with `file` or `folder`. find_spec() imports only
/// the parent packages. Python searches the working directory first.
constexpr const char* finder = R"(
import importlib.util, sys
try:
    spec = importlib.util.find_spec(sys.argv[1])
except ModuleNotFoundError:
    spec = None
if spec is None:
    sys.exit(44)
if spec.submodule_search_locations is not None:
    for folder in spec.submodule_search_locations:
        print('folder ' + folder)
elif spec.has_location:
    print('file ' + spec.origin)
)";
constexpr int no_such_module = 44;

/// The result of the finder and the interpreter that ran it.
struct Found {
    std::string interpreter;
    base::Program_End end;
};

/// Runs the finder with the runtime's interpreter, else with python3. The first may be a stub of a version manager for
/// a version that is not installed; it then exits with another status.
Result<Found> run_finder(const std::string& module, const std::string& runtime) {
    std::optional<Found> last;
    for (const std::string& name : {runtime, std::string("python3")}) {
        const auto program = name.starts_with("python") ? base::find_program(name) : std::nullopt;
        if (!program) continue;
        OSBOT_TRY(auto end, base::run_program({.argv = {program->string(), "-c", finder, module}}));
        last = Found{program->string(), std::move(end)};
        if (last->end.exit_code == 0 || last->end.exit_code == no_such_module) break;
    }
    if (last) return *std::move(last);
    return local_error("InterpreterNotFound",
                       "finding Python modules needs {} or python3 on PATH, and neither is installed", runtime);
}

/// Returns the Python version in the name of a shared object: 311 for x.cpython-311-x86_64-linux-gnu.so. Returns "" for
/// any Python (abi3) or a plain library.
std::string python_of(const std::string& name) {
    constexpr std::string_view tag = ".cpython-";
    const std::size_t at = name.rfind(tag);
    if (at == std::string::npos || !name.ends_with(".so")) return "";
    const std::string_view version = std::string_view(name).substr(at + tag.size());
    return std::string(version.begin(), std::ranges::find_if_not(version, base::is_digit));
}

/// Returns "311" for python3.11.
std::string digits_of(const std::string& runtime) {
    std::string digits;
    std::copy_if(runtime.begin(), runtime.end(), std::back_inserter(digits),
                 [](unsigned char c) { return std::isdigit(c) != 0; });
    return digits;
}

/// Returns the reason why a shared object cannot be loaded on the target, or "" if it can.
Result<std::string> incompatibility_of(const Entry& entry, const Wheel_Target& target) {
    OSBOT_TRY(auto elf, read_elf(entry.file));
    if (!elf) return std::string();
    if (elf->architecture != target.architecture) return fmt::format("it is for {}", elf->architecture);
    if (const std::string python = python_of(entry.path); !python.empty() && python != digits_of(target.runtime))
        return fmt::format("it is for Python {}.{}", python.substr(0, 1), python.substr(1));
    for (const std::string& version : elf->glibc_versions) {
        if (newer_version(version, glibc_version(target)))
            return fmt::format("it needs glibc {}, and {} has {}", version, target.runtime, glibc_version(target));
    }
    return std::string();
}

bool is_shared_object(const Entry& entry) {
    return !entry.file.empty() && (entry.path.ends_with(".so") || entry.path.find(".so.") != std::string::npos);
}

}  // namespace

Result<Python_Module> find_python_module(const std::string& name, const std::string& runtime) {
    OSBOT_TRY(const auto found, run_finder(name, runtime));
    const auto& [interpreter, end] = found;
    if (end.exit_code != 0 && end.exit_code != no_such_module)
        return local_error("ModuleNotFound", "{} failed to find the module '{}': {}", interpreter, name, end.errors);
    Python_Module module;
    for (std::string_view rest = end.exit_code == 0 ? end.output : std::string_view(); !rest.empty();) {
        const std::string_view line = base::take_until(rest, '\n');
        if (line.starts_with("file ")) module.file = fs::absolute(line.substr(5));
        if (line.starts_with("folder ")) module.folders.push_back(fs::absolute(line.substr(7)));
    }
    if (module.file.empty() && module.folders.empty())
        return local_error("ModuleNotFound",
                           "{} found no files of a module '{}' (searched from {}): install it for that "
                           "interpreter, or use add_file() or add_folder()",
                           interpreter, name, fs::current_path().string());
    return module;
}

Result<void> add_python_module(Package& package, const std::string& name, const Wheel_Target& target) {
    OSBOT_TRY(const auto module, find_python_module(name, target.runtime));
    return add_python_module(package, name, module, target);
}

Result<void> add_python_module(Package& package, const std::string& name, const Python_Module& module,
                               const Wheel_Target& target) {
    std::string path = name;  // shop.orders -> shop/orders
    std::replace(path.begin(), path.end(), '.', '/');
    Package files;
    for (const fs::path& folder : module.folders) OSBOT_TRY(files.add_folder(folder, path));
    if (!module.file.empty()) {
        const std::size_t slash = path.rfind('/');
        auto result = files.add_file(module.file, slash == std::string::npos ? "" : path.substr(0, slash));
        if (!result) return result;
    }
    if (!module.source.empty()) files.add({.path = path + ".py", .file = {}, .bytes = module.source});
    for (const Entry& entry : files.entries()) {
        if (!is_shared_object(entry)) continue;
        OSBOT_TRY(auto reason, incompatibility_of(entry, target));
        if (!reason.empty())
            return local_error("WrongPlatform",
                               "the module '{}' of this machine cannot run on {} {}: {}: {}. Install it for the target "
                               "from PyPI instead, with set_packages_using_layer({{\"{}\"}})",
                               name, target.runtime, target.architecture, entry.path, reason, name);
    }
    for (const Entry& entry : files.entries()) package.add(entry);
    return {};
}

}  // namespace osbot_aws::packing

#include "packing/python_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/subprocess.hpp"
#include "embedded/python_check_py.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t source_bytes_max = 16'000'000;  // sources of a zip, which are sent to the interpreter
constexpr std::chrono::seconds parse_time_max{30};

/// The sources of a package, in the form of python_check.py.
Json sources_of(const Package& package) {
    Json files = Json::object();
    std::size_t bytes = 0;
    for (const Entry& entry : package.entries()) {
        if (!entry.path.ends_with(".py") || entry.symlink) continue;
        bytes += entry.bytes.size();
        if (bytes > source_bytes_max) break;
        files[entry.path] = entry.file.empty() ? Json(entry.bytes) : Json{{"file", entry.file.string()}};
    }
    return files;
}

/// Returns `src/app` for the handlers src.app.run and src/app.run, which are the same for Lambda.
std::string module_path(const std::string& handler) {
    std::string path = handler.substr(0, handler.rfind('.'));
    std::replace(path.begin(), path.end(), '.', '/');
    return path;
}

bool has_module(const Package& package, const std::string& path) {
    return std::any_of(package.entries().begin(), package.entries().end(), [&](const Entry& entry) {
        if (!entry.path.starts_with(path) || entry.path.size() == path.size()) return false;
        const std::string_view rest = std::string_view(entry.path).substr(path.size());
        const bool module = rest == ".py" || rest == ".pyc" || (rest.starts_with('.') && rest.ends_with(".so"));
        return rest.starts_with('/') || (module && rest.find('/') == std::string_view::npos);
    });
}

Result<std::string> run_check(const Package& package, const Python_Check& check, const std::string& module,
                              const std::string& function) {
    const Json request{{"module", module}, {"function", function}, {"files", sources_of(package)}};
    OSBOT_TRY(const auto end, base::run_program({.argv = {check.interpreter.string(), "-I", "-S", "-c",
                                                          std::string(embedded::python_check_py)},
                                                 .input = base::dump_json_lossy(request),
                                                 .time_max = parse_time_max}));
    const Json result = base::parse_json(end.output);
    if (!result.is_object())  // the interpreter does not work, so it cannot judge the code
        return fmt::format("the code was not checked: {} exited with status {}", check.interpreter.string(),
                           end.exit_code);
    if (result.contains("error")) return Error{result.value("code", ""), result.at("error").get<std::string>(), 0};
    return result.value("warning", "");
}

}  // namespace

bool has_handler_file(const Package& package, const std::string& handler) {
    return handler.find('.') != std::string::npos && has_module(package, module_path(handler));
}

Result<std::string> check_python_handler(const Package& package, const Python_Check& check) {
    const std::size_t dot = check.handler.rfind('.');
    if (dot == std::string::npos)
        return local_error("Runtime.ImportModuleError", "the handler '{}' is not of the form module.function",
                           check.handler);
    const std::string path = module_path(check.handler);
    if (!has_module(package, path)) {
        std::string missing = fmt::format("the package has no {}.py for the handler '{}'", path, check.handler);
        if (check.has_layers) return missing + "; it must be in a layer";
        return Error{"Runtime.ImportModuleError", std::move(missing), 0};
    }
    if (check.interpreter.empty()) return std::string();
    std::string module = path;
    std::replace(module.begin(), module.end(), '/', '.');
    return run_check(package, check, module, check.handler.substr(dot + 1));
}

}  // namespace osbot_aws::packing

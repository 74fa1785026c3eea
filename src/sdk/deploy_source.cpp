#include "sdk/deploy_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/architecture.hpp"
#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/local_error.hpp"
#include "base/zip_reader.hpp"
#include "packing/handlers.hpp"
#include "packing/node_packages.hpp"
#include "packing/python_modules.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

constexpr const char* default_python_runtime = "python3.11";
constexpr const char* default_node_runtime = "nodejs22.x";
constexpr const char* default_provided_runtime = "provided.al2023";

/// Returns `module.function` for a file. `handler` is empty, a function, or already `module.function`.
std::string python_handler(const fs::path& file, const std::string& handler) {
    if (handler.find('.') != std::string::npos) return handler;
    const std::string function =
        handler.empty() ? packing::find_python_handler(base::read_file(file).value()).value() : handler;
    return file.stem().string() + "." + function;
}

constexpr const char* javascript_extensions[] = {".mjs", ".js", ".cjs"};
constexpr const char* python_main_files[] = {"lambda_function.py", "handler.py", "app.py", "main.py"};

bool is_javascript(const fs::path& file) { return std::ranges::count(javascript_extensions, file.extension()) != 0; }

/// Returns `folder/file.export` for a file below the root. `handler` is empty, an export, or already `file.export`.
std::string node_handler(const fs::path& root, const fs::path& file, const std::string& handler) {
    if (handler.find('.') != std::string::npos) return handler;
    const std::string name =
        handler.empty() ? packing::find_node_handler(base::read_file(root / file).value()).value() : handler;
    return fs::path(file).replace_extension().string() + "." + name;
}

void fill_from_zip(packing::Package& package, const fs::path& file) {
    const std::string bytes = base::read_file(file).value();
    const auto reader = base::Zip_Reader::open_bytes(bytes, packing::unpacked_bytes_max);
    if (!reader)
        throw Aws_Exception({reader.error().code, fmt::format("{}: {}", file.string(), reader.error().message), 0});
    for (const auto& entry : reader->entries()) {
        if (entry.folder) continue;
        package.add({.path = entry.path,
                     .file = {},
                     .bytes = reader->read(entry).value(),
                     .executable = entry.executable,
                     .symlink = entry.symlink});
    }
}

/// Throws NotExecutable for a program that neither this host nor the function's processor can run.
void check_processor(const fs::path& program, const packing::Elf& elf, const std::string& architecture) {
    if (elf.architecture == architecture || elf.architecture == base::host_architecture) return;
    const bool on_lambda = elf.architecture == "arm64" || elf.architecture == "x86_64";
    throw Aws_Exception(local_error("NotExecutable", "{}: it is built for {}, and the function's architecture is {}{}",
                                    program.string(), elf.architecture, architecture,
                                    on_lambda ? fmt::format("; deploy it with --architecture {} (osbot) or "
                                                            "Deploy_Options::architecture (C++)",
                                                            elf.architecture)
                                              : "; Lambda has x86_64 and arm64"));
}

std::string program_handler(const fs::path& program, const Deploy_Options& options) {
    const packing::Elf elf = packing::read_program(program).value();
    check_processor(program, elf, options.architecture);
    const std::string handler = packing::program_handler_name(options.handler);
    const auto listed = packing::list_program_handlers(program);
    // A program for another processor cannot list its handlers on this host.
    if (!listed && !handler.empty() && elf.architecture != base::host_architecture) return handler;
    const std::vector<std::string>& names = listed.value();
    if (!handler.empty()) {
        if (std::find(names.begin(), names.end(), handler) != names.end()) return handler;
        throw Aws_Exception(local_error(codes::handler_not_found, "{} has no handler '{}'; it has: {}",
                                        program.string(), handler, fmt::join(names, ", ")));
    }
    if (names.size() == 1) return names.front();
    throw Aws_Exception(local_error(codes::handler_not_found, "{} has several handlers: {}; name one in {}",
                                    program.string(), fmt::join(names, ", "), packing::handler_settings));
}

/// Returns whether a Python file cannot have the handler by its name: packages, tests and their configuration.
bool is_auxiliary(const std::string& name) {
    return name == "__init__.py" || name == "conftest.py" || name == "setup.py" || name.starts_with("test_") ||
           name.ends_with("_test.py");
}

std::vector<fs::path> python_files(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".py" && !is_auxiliary(entry.path().filename().string()))
            found.push_back(entry.path());
    }
    return found;
}

/// Returns the file with a conventional name, or nullopt.
std::optional<fs::path> conventional_file(const fs::path& folder, const std::vector<fs::path>& files) {
    for (const char* name : python_main_files)
        if (const auto it = std::ranges::find(files, folder / name); it != files.end()) return *it;
    return std::nullopt;
}

/// Returns the file with a conventional name, else the only .py file of the folder.
fs::path main_file_of(const fs::path& folder) {
    const std::vector<fs::path> found = python_files(folder);
    if (auto file = conventional_file(folder, found)) return *file;
    if (found.size() == 1) return found.front();
    throw Aws_Exception(local_error(codes::handler_not_found,
                                    "{}: the folder has {} Python files; name module.function in {}", folder.string(),
                                    found.size(), packing::handler_settings));
}

Deploy_Source source_of_python_file(const fs::path& file, const Deploy_Options& options) {
    return {.name = file.stem().string(),
            .runtime = default_python_runtime,
            .handler = python_handler(file, options.handler),
            .fill = [file](packing::Package& package, const Lambda&) { package.add_file(file).value(); }};
}

/// A .js file is an ES module or not by the package.json beside it.
Deploy_Source source_of_node_file(const fs::path& file, const Deploy_Options& options) {
    return {.name = file.stem().string(),
            .runtime = default_node_runtime,
            .handler = node_handler(file.parent_path(), file.filename(), options.handler),
            .fill = [file](packing::Package& package, const Lambda&) {
                package.add_file(file).value();
                const fs::path settings = file.parent_path() / "package.json";
                if (file.extension() == ".js" && fs::exists(settings)) package.add_file(settings).value();
            }};
}

bool has_file(const packing::Package& contents, const std::string& path) {
    return std::ranges::find(contents.entries(), path, &packing::Entry::path) != contents.entries().end();
}

/// Returns whether the file of a handler is JavaScript (`folder/file.export`) or Python (`package.module.function`);
/// nullopt if the contents have neither, or both.
std::optional<bool> has_javascript_handler(const packing::Package& contents, const std::string& handler) {
    const std::size_t dot = handler.find('.', handler.rfind('/') + 1);
    if (dot == std::string::npos) return std::nullopt;
    const bool javascript = std::ranges::any_of(javascript_extensions, [&](const char* extension) {
        return has_file(contents, handler.substr(0, dot) + extension);
    });
    std::string module = handler.substr(0, handler.rfind('.'));
    std::ranges::replace(module, '.', '/');
    const bool python = has_file(contents, module + ".py") || has_file(contents, module + "/__init__.py");
    return javascript == python ? std::nullopt : std::optional(javascript);
}

/// Returns whether a folder without a handler is a project of Node.js. Python projects may have a package.json, too.
bool is_node_project(const fs::path& folder) {
    const std::vector<fs::path> python = python_files(folder);
    const bool has_package = fs::exists(folder / "package.json");
    if (conventional_file(folder, python) && !has_package) return false;
    return (has_package && python.empty()) || !packing::node_main_file(folder).value().empty();
}

std::string default_runtime(const fs::path& path, const packing::Package& contents, const Deploy_Options& options) {
    if (!options.runtime.empty()) return options.runtime;
    if (has_file(contents, "bootstrap")) return default_provided_runtime;
    const auto javascript = has_javascript_handler(contents, options.handler);
    const bool node = javascript ? *javascript : fs::is_directory(path) && is_node_project(path);
    return node ? default_node_runtime : default_python_runtime;
}

std::string node_folder_handler(const fs::path& folder, const std::string& handler) {
    if (handler.find('.') != std::string::npos) return handler;
    const fs::path file = packing::node_main_file(folder).value();
    if (!file.empty()) return node_handler(folder, file, handler);
    throw Aws_Exception(local_error(codes::handler_not_found,
                                    "{}: the folder has no main file (main of package.json, index or app); name "
                                    "file.export in {}",
                                    folder.string(), packing::handler_settings));
}

/// Returns the handler of a folder or a zip.
std::string tree_handler(const fs::path& path, const packing::Package& contents, const std::string& runtime,
                         const std::string& handler) {
    const bool folder = fs::is_directory(path);
    if (folder && runtime.starts_with("nodejs")) return node_folder_handler(path, handler);
    if (!handler.empty()) return handler;
    if (runtime.starts_with("provided") && has_file(contents, "bootstrap")) return "bootstrap";
    if (folder) return python_handler(main_file_of(path), "");
    throw Aws_Exception(local_error(codes::handler_not_found, "{}: name module.function in {}", path.string(),
                                    packing::handler_settings));
}

Deploy_Source source_of_tree(const fs::path& path, const Deploy_Options& options) {
    const bool folder = fs::is_directory(path);
    const packing::Folder_Rules rules{.ignore = options.ignore, .include = options.include};
    const auto fill = [path, folder, rules](packing::Package& package, const Lambda&) {
        folder ? package.add_folder(path, "", rules).value() : fill_from_zip(package, path);
    };
    packing::Package contents;
    fill(contents, Lambda(""));
    const std::string runtime = default_runtime(path, contents, options);
    return {.name = folder ? path.filename().string() : path.stem().string(),
            .runtime = runtime,
            .handler = tree_handler(path, contents, runtime, options.handler),
            .fill = fill,
            .folder = folder ? path : fs::path()};
}

Deploy_Source source_of_program(const fs::path& program, const Deploy_Options& options) {
    const std::string handler = program_handler(program, options);
    return {.name = handler,
            .runtime = default_provided_runtime,
            .handler = handler,
            .fill = [program](packing::Package& package, const Lambda& f) {
                packing::add_executable(package, program, f.architecture).value();
            }};
}

/// For `shop.orders:run`, packs the whole package `shop`; the handler is `shop.orders.run`.
Deploy_Source source_of_module(const std::string& module, const std::string& function, const Deploy_Options& options) {
    const std::string runtime = options.runtime.empty() ? default_python_runtime : options.runtime;
    packing::find_python_module(module, runtime).value();
    const std::string root = module.substr(0, module.find('.'));
    return {.name = module,
            .runtime = default_python_runtime,
            .handler = module + "." + function,
            .fill = [root](packing::Package& package, const Lambda& f) {
                packing::add_python_module(package, root, {f.runtime, f.architecture}).value();
            }};
}

bool is_function_name(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

}  // namespace

Deploy_Source source_of(const Handler_Ref& handler) {
    return {.name = handler.name,
            .runtime = default_provided_runtime,
            .handler = handler.name,
            .fill = [](packing::Package& package, const Lambda& f) {
                packing::add_executable(package, "/proc/self/exe", f.architecture).value();
            }};
}

Deploy_Source source_of(const Python_Function& function) {
    return {.name = function.handler.substr(0, function.handler.rfind('.')),
            .runtime = default_python_runtime,
            .handler = function.handler,
            .fill = [files = function.files](packing::Package& package, const Lambda& f) {
                packing::add_python_module(package, files.name, {files.file, files.folders, files.source},
                                           {f.runtime, f.architecture})
                    .value();
            }};
}

Deploy_Source source_of(const fs::path& path, const Deploy_Options& options) {
    const std::string text = path.string();
    if (!fs::exists(path)) {
        const std::size_t colon = text.find(':');
        if (colon != std::string::npos && colon > 0 && text.find('/') == std::string::npos)
            return source_of_module(text.substr(0, colon), text.substr(colon + 1), options);
        if (is_function_name(text)) return {.name = text, .runtime = {}, .handler = options.handler, .fill = {}};
        throw Aws_Exception(local_error("NotFound", "{} does not exist", text));
    }
    const fs::path canonical_path = fs::canonical(path);
    if (canonical_path.extension() == ".py") return source_of_python_file(canonical_path, options);
    if (is_javascript(canonical_path)) return source_of_node_file(canonical_path, options);
    if (canonical_path.extension() == ".zip" || fs::is_directory(canonical_path))
        return source_of_tree(canonical_path, options);
    return source_of_program(canonical_path, options);
}

}  // namespace osbot_aws

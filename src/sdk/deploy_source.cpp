#include "sdk/deploy_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

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

bool is_javascript(const fs::path& file) {
    return file.extension() == ".mjs" || file.extension() == ".js" || file.extension() == ".cjs";
}

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

/// Returns the file with a conventional name, else the only .py file of the folder.
fs::path main_file_of(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".py" && !is_auxiliary(entry.path().filename().string()))
            found.push_back(entry.path());
    }
    for (const char* name : {"lambda_function.py", "handler.py", "app.py", "main.py"}) {
        if (const auto it = std::find(found.begin(), found.end(), folder / name); it != found.end()) return *it;
    }
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

Deploy_Source source_of_tree(const fs::path& path, const Deploy_Options& options) {
    const bool folder = fs::is_directory(path);
    const packing::Folder_Rules rules{.ignore = options.ignore, .include = options.include};
    const auto fill = [path, folder, rules](packing::Package& package, const Lambda&) {
        folder ? package.add_folder(path, "", rules).value() : fill_from_zip(package, path);
    };
    packing::Package contents;
    fill(contents, Lambda(""));
    const bool bootstrap = std::any_of(contents.entries().begin(), contents.entries().end(),
                                       [](const auto& entry) { return entry.path == "bootstrap"; });
    Deploy_Source source{.name = folder ? path.filename().string() : path.stem().string(),
                         .runtime = bootstrap ? default_provided_runtime : default_python_runtime,
                         .handler = options.handler,
                         .fill = fill,
                         .python_folder = folder && !bootstrap ? path : fs::path()};
    const fs::path node_file = folder && !bootstrap ? packing::node_main_file(path).value() : fs::path();
    if (!node_file.empty() && (fs::exists(path / "package.json") || source.handler.empty())) {
        source.runtime = default_node_runtime;
        source.node_folder = std::exchange(source.python_folder, {});
        source.handler = node_handler(path, node_file, options.handler);
    }
    if (!source.handler.empty()) return source;
    if (!bootstrap && !folder)
        throw Aws_Exception(local_error(codes::handler_not_found, "{}: name module.function in {}", path.string(),
                                        packing::handler_settings));
    source.handler = bootstrap ? "bootstrap" : python_handler(main_file_of(path), "");
    return source;
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

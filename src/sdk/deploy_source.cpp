#include "sdk/deploy_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/zip_reader.hpp"
#include "packing/handlers.hpp"
#include "packing/python_modules.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

constexpr const char* usual_python = "python3.11";
constexpr const char* usual_provided = "provided.al2023";

/// `module.function` of a file, with what the caller said of it.
std::string python_handler(const fs::path& file, const std::string& wanted) {
    if (wanted.find('.') != std::string::npos) return wanted;
    const std::string function =
        wanted.empty() ? packing::find_python_handler(base::read_file(file).value()).value() : wanted;
    return file.stem().string() + "." + function;
}

void fill_from_zip(packing::Package& package, const fs::path& file) {
    const std::string bytes = base::read_file(file).value();
    const base::Zip_Reader reader = base::Zip_Reader::open_bytes(bytes, packing::unpacked_bytes_max).value();
    for (const auto& entry : reader.entries()) {
        if (entry.folder) continue;
        package.add({.path = entry.path,
                     .file = {},
                     .bytes = reader.read(entry).value(),
                     .executable = entry.executable,
                     .symlink = entry.symlink});
    }
}

std::string program_handler(const fs::path& program, const std::string& wanted) {
    const std::vector<std::string> names = packing::list_program_handlers(program).value();
    if (!wanted.empty()) {
        if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
        throw Aws_Exception(
            {"HandlerNotFound",
             fmt::format("{} has no handler '{}'; it has: {}", program.string(), wanted, fmt::join(names, ", ")), 0});
    }
    if (names.size() == 1) return names.front();
    throw Aws_Exception({"HandlerNotFound",
                         fmt::format("{} has several handlers: {}; name one in {}", program.string(),
                                     fmt::join(names, ", "), packing::handler_settings),
                         0});
}

/// The only .py file of a folder, or the one with a usual name.
fs::path main_file_of(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".py" && entry.path().filename() != "__init__.py")
            found.push_back(entry.path());
    }
    for (const char* usual : {"lambda_function.py", "handler.py", "app.py", "main.py"}) {
        if (const auto it = std::find(found.begin(), found.end(), folder / usual); it != found.end()) return *it;
    }
    if (found.size() == 1) return found.front();
    throw Aws_Exception({"HandlerNotFound",
                         fmt::format("{}: the folder has {} Python files; say which module.function in {}",
                                     folder.string(), found.size(), packing::handler_settings),
                         0});
}

Deploy_Source source_of_python_file(const fs::path& file, const Deploy_Options& options) {
    return {.name = file.stem().string(),
            .runtime = usual_python,
            .handler = python_handler(file, options.handler),
            .fill = [file](packing::Package& package, const Lambda&) { package.add_file(file).value(); }};
}

Deploy_Source source_of_tree(const fs::path& what, const Deploy_Options& options) {
    const bool folder = fs::is_directory(what);
    const auto fill = [what, folder, ignore = options.ignore](packing::Package& package, const Lambda&) {
        folder ? package.add_folder(what, "", ignore).value() : fill_from_zip(package, what);
    };
    packing::Package inside;
    fill(inside, Lambda(""));
    const bool bootstrap = std::any_of(inside.entries().begin(), inside.entries().end(),
                                       [](const auto& entry) { return entry.path == "bootstrap"; });
    Deploy_Source source{.name = folder ? what.filename().string() : what.stem().string(),
                         .runtime = bootstrap ? usual_provided : usual_python,
                         .handler = options.handler,
                         .fill = fill};
    if (!source.handler.empty()) return source;
    if (!bootstrap && !folder)
        throw Aws_Exception(
            {"HandlerNotFound",
             fmt::format("{}: say which module.function in {}", what.string(), packing::handler_settings), 0});
    source.handler = bootstrap ? "bootstrap" : python_handler(main_file_of(what), "");
    return source;
}

Deploy_Source source_of_program(const fs::path& program, const Deploy_Options& options) {
    const std::string handler = program_handler(program, options.handler);
    return {.name = handler,
            .runtime = usual_provided,
            .handler = handler,
            .fill = [program](packing::Package& package, const Lambda& f) {
                packing::add_executable(package, program, f.architecture).value();
            }};
}

/// `shop.orders:run`: the whole of `shop` goes along, and the handler is `shop.orders.run`.
Deploy_Source source_of_module(const std::string& module, const std::string& function, const Deploy_Options& options) {
    const std::string runtime = options.runtime.empty() ? usual_python : options.runtime;
    packing::find_python_module(module, runtime).value();
    const std::string root = module.substr(0, module.find('.'));
    return {.name = module,
            .runtime = usual_python,
            .handler = module + "." + function,
            .fill = [root](packing::Package& package, const Lambda& f) {
                packing::add_python_module(package, root, {f.runtime, f.architecture}).value();
            }};
}

bool may_be_a_name(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

}  // namespace

Deploy_Source source_of(const Handler_Ref& handler) {
    return {.name = handler.name,
            .runtime = usual_provided,
            .handler = handler.name,
            .fill = [](packing::Package& package, const Lambda& f) {
                packing::add_executable(package, "/proc/self/exe", f.architecture).value();
            }};
}

Deploy_Source source_of(const Python_Function& function) {
    return {.name = function.handler.substr(0, function.handler.rfind('.')),
            .runtime = usual_python,
            .handler = function.handler,
            .fill = [files = function.files](packing::Package& package, const Lambda& f) {
                packing::add_python_module(package, files.name, {files.file, files.folders, files.source},
                                           {f.runtime, f.architecture})
                    .value();
            }};
}

Deploy_Source source_of(const fs::path& what, const Deploy_Options& options) {
    const std::string text = what.string();
    if (!fs::exists(what)) {
        const std::size_t colon = text.find(':');
        if (colon != std::string::npos && colon > 0 && text.find('/') == std::string::npos)
            return source_of_module(text.substr(0, colon), text.substr(colon + 1), options);
        if (may_be_a_name(text)) return {.name = text, .runtime = {}, .handler = options.handler, .fill = {}};
        throw Aws_Exception({"NotFound", fmt::format("there is no {}", text), 0});
    }
    const fs::path real = fs::canonical(what);
    if (real.extension() == ".py") return source_of_python_file(real, options);
    if (real.extension() == ".zip" || fs::is_directory(real)) return source_of_tree(real, options);
    return source_of_program(real, options);
}

}  // namespace osbot_aws

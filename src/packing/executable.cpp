#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/subprocess.hpp"
#include "embedded/launcher.hpp"
#include "packing/elf.hpp"
#include "packing/handlers.hpp"
#include "packing/package.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

// Amazon Linux 2023: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
const std::string glibc_of_target = "2.34";

// Not lib/ itself: that is in Lambda's LD_LIBRARY_PATH, and only the packed loader must load a packed C library.
const std::string libraries_folder = "lib/packed/";

/// The shared objects that this program was started with, without LD_PRELOAD and the vdso. Collected before any other
/// code of this library runs, because the first dlopen of libcurl adds about thirty more.
[[gnu::init_priority(101)]] const std::vector<std::string> objects_at_start = [] {
    std::vector<std::string> names;
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* list) {
            if (info->dlpi_name != nullptr && info->dlpi_name[0] == '/')
                static_cast<std::vector<std::string>*>(list)->emplace_back(info->dlpi_name);
            return 0;
        },
        &names);
    const char* preloaded = std::getenv("LD_PRELOAD");
    if (preloaded != nullptr)
        std::erase_if(names, [&](const std::string& name) { return std::strstr(preloaded, name.c_str()) != nullptr; });
    return names;
}();

/// Runs a program and returns its standard output. Errors: NotExecutable if it fails or exceeds the time limit.
Result<std::string> output_of(std::vector<std::string> argv, std::vector<std::string> variables,
                              std::chrono::milliseconds time_max = 60s) {
    const std::string name = argv.front();
    base::Program program{.argv = std::move(argv), .environment = std::move(variables)};
    program.time_max = time_max;
    auto end = base::run_program(program);
    if (!end) return end.error();
    if (end->timed_out)
        return Error{"NotExecutable", fmt::format("{} did not exit within {} s", name, time_max.count() / 1000), 0};
    if (end->exit_code != 0)
        return Error{"NotExecutable", fmt::format("{} exited with status {}", name, end->exit_code), 0};
    return std::move(end->output);
}

/// Returns the shared objects of a program, listed by its loader as in ldd.
Result<std::vector<std::string>> objects_of(const fs::path& executable, const Elf& elf) {
    std::error_code ignored;
    if (fs::equivalent(executable, "/proc/self/exe", ignored)) return objects_at_start;
    auto text = output_of({elf.interpreter, "--list", fs::absolute(executable).string()}, {});
    if (!text) return text.error();
    std::vector<std::string> objects;
    for (std::size_t at = 0; (at = text->find('/', at)) != std::string::npos;) {
        const std::size_t end = text->find_first_of(" \n", at);
        objects.push_back(text->substr(at, end - at));
        at = end;
    }
    return objects;
}

/// Adds the loaded part of a file if it has symbols, else the whole file. Libraries of Linux distributions are usually
/// stripped and added unchanged.
void add_loaded(Package& package, const fs::path& file, std::string path, bool symbols) {
    Entry entry{.path = std::move(path), .file = file, .bytes = {}, .executable = true};
    if (symbols) {
        if (auto bytes = loaded_part(file)) {  // if this fails, the whole file is added, which is only larger
            entry.file.clear();
            entry.bytes = std::move(*bytes);
        }
    }
    package.add(std::move(entry));
}

Result<void> add_library(Package& package, const fs::path& file, std::string path) {
    const auto elf = read_elf(file);
    if (!elf && elf.error().code != "BadElf") return elf.error();
    add_loaded(package, file, std::move(path), elf && *elf && (*elf)->symbols);
    return {};
}

bool part_of_libc(const std::string& name) {
    static const std::set<std::string> stems{"libc.so.6",  "libm.so.6",      "libpthread.so.0", "libdl.so.2",
                                             "librt.so.1", "libresolv.so.2", "libutil.so.1"};
    return name.starts_with("ld-linux") || stems.contains(name);
}

bool is_identifier(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '<' || c == '>' || c == ',' ||
               c == ' ';  // f<int, 2> is a valid name
    });
}

}  // namespace

Result<void> add_executable(Package& package, const fs::path& executable, std::string_view architecture) {
    std::error_code error;
    const fs::path program = fs::canonical(executable, error);
    if (error) return Error{"FileError", fmt::format("cannot read {}: {}", executable.string(), error.message()), 0};
    auto elf = read_elf(program);
    if (!elf) return elf.error();
    if (!*elf) return Error{"NotExecutable", fmt::format("{} is not an ELF executable", program.string()), 0};
    if ((*elf)->architecture != architecture) {
        return Error{"ArchitectureMismatch",
                     fmt::format("{} is built for {}, and the function's architecture is {}", program.string(),
                                 (*elf)->architecture, architecture),
                     0};
    }
    if (!(*elf)->program)
        return Error{"NotExecutable", fmt::format("{} is a shared library, not a program", program.string()), 0};
    if ((*elf)->interpreter.empty()) {
        add_loaded(package, program, "bootstrap", (*elf)->symbols);
        return {};
    }

    auto objects = objects_of(program, **elf);
    if (!objects) return objects.error();
    std::vector<std::string> versions = (*elf)->glibc_versions;
    std::map<std::string, fs::path> by_name;
    for (const std::string& object : *objects) {
        const fs::path path(object);
        by_name[path.filename().string()] = path;
        auto needs = read_elf(path);
        if (needs && *needs && !part_of_libc(path.filename().string()))
            versions.insert(versions.end(), (*needs)->glibc_versions.begin(), (*needs)->glibc_versions.end());
    }
    const bool newer = std::any_of(versions.begin(), versions.end(),
                                   [](const std::string& v) { return newer_version(v, glibc_of_target); });
    if (newer) by_name[fs::path((*elf)->interpreter).filename().string()] = (*elf)->interpreter;
    for (const auto& [name, path] : by_name) {
        if (part_of_libc(name) && !newer) continue;
        if (auto added = add_library(package, fs::canonical(path, error), libraries_folder + name); !added)
            return added;
    }
    package.add({.path = "bootstrap", .file = {}, .bytes = std::string(embedded::launcher), .executable = true});
    add_loaded(package, program, "bin/program", (*elf)->symbols);
    return {};
}

Result<std::vector<std::string>> list_program_handlers(const fs::path& program) {
    // The program may not use this library, so it runs without input and terminal, with few environment variables
    // and a short time limit.
    auto text = output_of({fs::absolute(program).string()}, {"OSBOT_AWS_LIST_HANDLERS=1", "PATH=/usr/bin:/bin"}, 5s);
    const auto none = [&](std::string_view reason) {
        return Error{"HandlerNotFound",
                     fmt::format("{} {}: a program that can be deployed registers its function with "
                                 "handler<f> and calls serve_if_lambda() or creates a Deploy_Lambda",
                                 program.string(), reason),
                     0};
    };
    if (!text) return none(fmt::format("does not list its handlers ({})", text.error().message));
    std::vector<std::string> names;
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t end = std::min(text->find('\n', at), text->size());
        std::string name = text->substr(at, end - at);
        if (!is_identifier(name)) return none("printed text that is not a list of handlers");
        names.push_back(std::move(name));
        at = end + 1;
    }
    if (names.empty()) return none("registers no handler");
    return names;
}

}  // namespace osbot_aws::packing

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/architecture.hpp"
#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/local_error.hpp"
#include "embedded/launcher.hpp"
#include "embedded/launcher_sh.hpp"
#include "packing/elf.hpp"
#include "packing/handlers.hpp"
#include "packing/package.hpp"
#include "packing/shared_objects.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

// Amazon Linux 2023: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
const std::string glibc_of_target = "2.34";

// Not lib/ itself: that is in Lambda's LD_LIBRARY_PATH, and only the packed loader must load a packed C library.
const std::string libraries_folder = "lib/packed/";

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
    if (!elf && elf.error().code != codes::bad_elf) return elf.error();
    add_loaded(package, file, std::move(path), elf && *elf && (*elf)->symbols);
    return {};
}

bool part_of_libc(const std::string& name) {
    static const std::set<std::string> stems{"libc.so.6",  "libm.so.6",      "libpthread.so.0", "libdl.so.2",
                                             "librt.so.1", "libresolv.so.2", "libutil.so.1"};
    return name.starts_with("ld-linux") || stems.contains(name);
}

/// Adds the libraries of a program, and those of libc only if the target's glibc is too old.
Result<void> add_libraries(Package& package, const Elf& elf, const std::vector<fs::path>& objects) {
    std::vector<std::string> versions = elf.glibc_versions;
    std::map<std::string, fs::path> by_name;
    for (const fs::path& path : objects) {
        by_name[path.filename().string()] = path;
        auto needs = read_elf(path);
        if (needs && *needs && !part_of_libc(path.filename().string()))
            versions.insert(versions.end(), (*needs)->glibc_versions.begin(), (*needs)->glibc_versions.end());
    }
    const bool newer = std::any_of(versions.begin(), versions.end(),
                                   [](const std::string& v) { return newer_version(v, glibc_of_target); });
    if (newer) by_name.try_emplace(fs::path(elf.interpreter).filename().string(), elf.interpreter);
    for (const auto& [name, path] : by_name) {
        if (part_of_libc(name) && !newer) continue;
        std::error_code error;
        OSBOT_TRY(add_library(package, fs::canonical(path, error), libraries_folder + name));
    }
    return {};
}

}  // namespace

Result<void> add_executable(Package& package, const fs::path& executable, std::string_view architecture) {
    std::error_code error;
    const fs::path program = fs::canonical(executable, error);
    if (error) return local_error("FileError", "cannot read {}: {}", executable.string(), error.message());
    OSBOT_TRY(const auto elf, read_program(program));
    if (elf.architecture != architecture) {
        return local_error("ArchitectureMismatch", "{} is built for {}, and the function's architecture is {}",
                           program.string(), elf.architecture, architecture);
    }
    if (elf.interpreter.empty()) {
        add_loaded(package, program, "bootstrap", elf.symbols);
        return {};
    }
    const auto objects = shared_objects_of(program, elf);
    if (!objects)
        return Error{objects.error().code, fmt::format("{}: {}", program.string(), objects.error().message), 0};
    OSBOT_TRY(add_libraries(package, elf, *objects));
    const bool native = architecture == base::host_architecture;
    package.add({.path = "bootstrap",
                 .file = {},
                 .bytes = std::string(native ? embedded::launcher : embedded::launcher_sh),
                 .executable = true});
    add_loaded(package, program, "bin/program", elf.symbols);
    return {};
}

}  // namespace osbot_aws::packing

#include "packing/shared_objects.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <link.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "base/architecture.hpp"
#include "base/characters.hpp"
#include "base/environment.hpp"
#include "base/local_error.hpp"
#include "base/subprocess.hpp"
#include "base/text.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t objects_max = 1'000;

/// The shared objects that this program was started with, without LD_PRELOAD and the vdso. Collected before any other
/// code of this library runs, because the first dlopen of libcurl adds about thirty more, and because a relative path
/// (of LD_LIBRARY_PATH) is relative to the working directory at the start.
[[gnu::init_priority(101)]] const std::vector<std::string> objects_at_start = [] {
    std::vector<std::string> names;
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* list) {
            const std::string preloaded = base::variable("LD_PRELOAD");
            if (info->dlpi_name == nullptr || std::strchr(info->dlpi_name, '/') == nullptr) return 0;
            if (preloaded.find(info->dlpi_name) != std::string::npos) return 0;
            // Only the folder is resolved: programs ask for libfmt.so.9, a link to libfmt.so.9.1.0.
            const std::string path = info->dlpi_name, folder = path.substr(0, path.rfind('/') + 1);
            if (char* real = ::realpath(folder.c_str(), nullptr)) {
                static_cast<std::vector<std::string>*>(list)->push_back(real + ("/" + path.substr(folder.size())));
                std::free(real);
            }
            return 0;
        },
        &names);
    return names;
}();

/// Parses `libfmt.so.9 => /lib/libfmt.so.9 (0x7f...)` and `/lib64/ld-linux-x86-64.so.2 (0x7f...)`. Returns "" for the
/// vdso, which has no file.
std::string path_in(std::string_view line) {
    constexpr std::string_view arrow = " => ";
    if (const std::size_t at = line.find(arrow); at != std::string_view::npos) line.remove_prefix(at + arrow.size());
    line = base::trimmed(line);
    const std::string_view path = line.substr(0, line.rfind(" ("));
    return path.find('/') == std::string_view::npos ? "" : std::string(path);
}

std::string last_line(std::string_view text) {
    text = base::trimmed(text);
    return std::string(text.substr(text.rfind('\n') + 1));
}

std::vector<std::string> split(std::string_view folders) {
    std::vector<std::string> all;
    while (!folders.empty())
        if (const std::string_view folder = base::take_until(folders, ':'); !folder.empty()) all.emplace_back(folder);
    return all;
}

/// Finds the shared objects of a program that this host cannot run.
class Foreign_Search {
public:
    explicit Foreign_Search(const Elf& elf) : architecture_(elf.architecture) {
        folders_ = split(base::variable("LD_LIBRARY_PATH"));
        const std::string triple = architecture_ == "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        for (const char* format : {"/usr/{}/lib", "/usr/lib/{}", "/lib/{}"})
            folders_.push_back(fmt::format(fmt::runtime(format), triple));
    }

    Result<void> add_needs_of(const fs::path& object, const Elf& elf) {
        for (const std::string& name : elf.needed) OSBOT_TRY(add(name, object, elf));
        return {};
    }

    Result<void> add(const std::string& name, const fs::path& object, const Elf& elf) {
        if (found_.contains(name)) return {};
        if (found_.size() >= objects_max)
            return local_error("NotExecutable", "{} needs more than {} libraries", object.string(), objects_max);
        std::vector<std::string> folders = run_path(object, elf);
        folders.insert(folders.end(), folders_.begin(), folders_.end());
        for (const std::string& folder : folders) {
            const fs::path file = fs::absolute(fs::path(folder) / name);
            auto candidate = fs::is_regular_file(file) ? read_elf(file) : Result<std::optional<Elf>>(std::nullopt);
            if (!candidate || !*candidate || (*candidate)->architecture != architecture_) continue;
            found_[name] = file;
            return add_needs_of(file, **candidate);
        }
        return local_error("NotExecutable",
                           "{} needs {} for {}, which is in none of {}: add its folder to LD_LIBRARY_PATH",
                           object.string(), name, architecture_, fmt::join(folders, ", "));
    }

    std::vector<fs::path> found() const {
        std::vector<fs::path> paths;
        for (const auto& [name, path] : found_) paths.push_back(path);
        return paths;
    }

private:
    static std::vector<std::string> run_path(const fs::path& object, const Elf& elf) {
        std::vector<std::string> folders = split(elf.run_path);
        for (std::string& folder : folders)
            for (const std::string_view origin : {"$ORIGIN", "${ORIGIN}"})
                if (folder.starts_with(origin)) folder.replace(0, origin.size(), object.parent_path().string());
        return folders;
    }

    std::string architecture_;
    std::vector<std::string> folders_;
    std::map<std::string, fs::path> found_;  // by the name that programs ask for
};

Result<std::vector<fs::path>> foreign_objects_of(const fs::path& program, const Elf& elf) {
    Foreign_Search search(elf);
    OSBOT_TRY(search.add_needs_of(program, elf));
    OSBOT_TRY(search.add(fs::path(elf.interpreter).filename().string(), program, elf));
    return search.found();
}

}  // namespace

std::vector<std::string> loader_variables() {
    const std::string folders = base::variable("LD_LIBRARY_PATH");
    if (folders.empty()) return {};
    return {"LD_LIBRARY_PATH=" + folders};
}

Result<std::string> list_with_loader(const fs::path& program, const Elf& elf) {
    OSBOT_TRY(auto end, base::run_program({.argv = {elf.interpreter, "--list", fs::absolute(program).string()},
                                           .environment = loader_variables()}));
    if (end.exit_code == 0) return std::move(end.output);
    return local_error("NotExecutable",
                       "the loader cannot start it: {}. Set LD_LIBRARY_PATH to the folders of its libraries",
                       last_line(end.errors));
}

Result<std::vector<fs::path>> shared_objects_of(const fs::path& program, const Elf& elf) {
    std::error_code ignored;
    if (fs::equivalent(program, "/proc/self/exe", ignored))
        return std::vector<fs::path>(objects_at_start.begin(), objects_at_start.end());
    if (elf.architecture != base::host_architecture) return foreign_objects_of(program, elf);
    OSBOT_TRY(const auto text, list_with_loader(program, elf));
    std::vector<fs::path> objects;
    for (std::string_view rest = text; !rest.empty();)
        if (const std::string path = path_in(base::take_until(rest, '\n')); !path.empty())
            objects.push_back(fs::absolute(path));
    return objects;
}

}  // namespace osbot_aws::packing

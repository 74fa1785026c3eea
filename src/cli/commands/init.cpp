#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "base/local_error.hpp"
#include "cli/commands/commands.hpp"
#include "cli/output/terminal.hpp"
#include "cli/project/project_template.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

struct Init_Arguments {
    std::string name, language = "cpp", folder;
};

/// Writes a file that must not exist yet. Errors: FileExists, WriteFailed.
Result<void> write_new(const fs::path& path, const std::string& text) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wx"), &std::fclose);
    if (!file && errno == EEXIST)
        return local_error("FileExists", "{} already exists and is not overwritten", path.string());
    if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0)
        return local_error("WriteFailed", "cannot write {}: {}", path.string(), std::strerror(errno));
    return {};
}

/// Writes all files, or none if one of them exists. Errors: FileExists, WriteFailed.
Result<void> write_project(const fs::path& folder, const std::vector<Project_File>& files) {
    for (const Project_File& file : files) {
        if (fs::exists(folder / file.path))
            return local_error("FileExists", "{} already exists; no file was written", (folder / file.path).string());
    }
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) return local_error("WriteFailed", "cannot create {}: {}", folder.string(), failed.message());
    for (const Project_File& file : files) OSBOT_TRY(write_new(folder / file.path, file.text));
    return {};
}

/// Quotes text as one word of a POSIX shell, if necessary.
std::string shell_word(const std::string& text) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+,:@=";
    if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

/// Returns the source folder of a CMake build folder. Empty if it is not a build folder.
fs::path source_of(const fs::path& build) {
    constexpr std::string_view entry = "CMAKE_HOME_DIRECTORY:INTERNAL=";
    std::ifstream cache(build / "CMakeCache.txt");
    for (std::string line; std::getline(cache, line);) {
        if (line.starts_with(entry)) return line.substr(entry.size());
    }
    return {};
}

/// Returns the -D option with which CMake finds osbot_aws if this command runs from a build folder. Empty if it is
/// installed: CMake searches the prefixes of the folders in PATH, and the project reports a missing library.
std::string cmake_definition() {
    std::error_code failed;
    const fs::path build = fs::read_symlink("/proc/self/exe", failed).parent_path().parent_path();
    if (fs::exists(build / "osbot_awsTargets.cmake", failed) && fs::exists(build / "src/libosbot_aws.a", failed))
        return " " + shell_word("-DCMAKE_PREFIX_PATH=" + build.string());
    const fs::path source = source_of(build);
    if (!source.empty() && fs::exists(source / "include/osbot_aws", failed))
        return " " + shell_word("-DOSBOT_AWS_SOURCE=" + source.string());
    return "";
}

std::vector<std::string> next_commands(const Init_Arguments& arguments, const std::string& folder) {
    const std::string invoke = fmt::format("osbot invoke {} @{}/event.json --logs", arguments.name, folder);
    if (arguments.language == "python") return {fmt::format("osbot deploy {}/{}.py", folder, arguments.name), invoke};
    if (arguments.language == "node") return {fmt::format("osbot deploy {}/{}.mjs", folder, arguments.name), invoke};
    return {fmt::format("cmake -S {0} -B {0}/build{1} && cmake --build {0}/build", folder, cmake_definition()),
            fmt::format("ctest --test-dir {}/build", folder),
            fmt::format("osbot deploy {}/build/{}", folder, arguments.name), invoke};
}

int run_init(const Options& options, const Init_Arguments& arguments) {
    if (auto name = check_function_name(arguments.name); !name) return report_usage(name.error());
    const std::string folder = arguments.folder.empty() ? arguments.name : arguments.folder;
    const auto files = project_files(arguments.language, arguments.name);
    if (auto written = write_project(folder, files); !written) return report(written.error());
    Json paths = Json::array();
    std::string text = fmt::format("created {} in {}:", arguments.name, folder);
    for (const Project_File& file : files) {
        paths.push_back((fs::path(folder) / file.path).string());
        text += " " + file.path;
    }
    text = wrapped(text, width_of(1), 0, 4);
    const auto next = next_commands(arguments, folder);
    text += fmt::format("\n\nNext:\n  {}", fmt::join(next, "\n  "));
    print(options, {{"name", arguments.name}, {"files", paths}, {"next", next}}, text);
    return exit_ok;
}

}  // namespace

void add_init(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "init", "Create a project for a function, ready to build and deploy", &run_init,
                         "Examples:\n"
                         "  osbot init hello                     C++, in the folder hello\n"
                         "  osbot init hello --language python\n"
                         "  osbot init hello --language node\n"
                         "  osbot init thumbnails --language python --folder lambdas/thumbnails\n\n"
                         "The project has a test, a sample event and a README. Existing files are never overwritten.");
    command.add_option("name", arguments.name, "Name of the function and of its folder").required();
    command.add_option("--language", arguments.language, "Language: cpp, python or node (default cpp)")
        .one_of({"cpp", "python", "node"});
    command.add_option("--folder FOLDER", arguments.folder,
                       "Folder of the project (default: the name of the function)");
}

}  // namespace osbot_aws::cli

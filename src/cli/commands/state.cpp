// The commands `local export` and `local import`: the state of the engine in one archive.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/counted.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "cli/commands/commands.hpp"
#include "cli/engine/daemon.hpp"
#include "cli/output/activity.hpp"
#include "cli/output/sizes.hpp"
#include "cli/output/terminal.hpp"
#include "engine/state_api.hpp"
#include "engine/state_archive.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes state_timeout{60};  // enough to copy twenty gigabytes

struct Export_Arguments : State_Argument {
    std::string file;
};
struct Import_Arguments : Export_Arguments {
    bool yes = false;
};

std::string content_text(const Json& content) {
    return fmt::format("{}, {}, {} of files", base::counted(content.value("records", std::uint64_t{0}), "record"),
                       base::counted(content.value("log_events", std::uint64_t{0}), "log event"),
                       size_text(content.value("blob_bytes", 0.0)));
}

/// Deletes a folder when it goes out of scope.
struct Exported_Folder {
    fs::path path;
    ~Exported_Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
};

Result<Json> export_state(const Export_Arguments& arguments, const fs::path& file) {
    OSBOT_TRY(Json content,
              call_engine(arguments.folder(), "POST", std::string(engine::State_Api::export_path), "", state_timeout));
    const Exported_Folder folder{content.value("folder", "")};
    OSBOT_TRY(engine::write_state_archive(folder.path, file));
    content.erase("folder");
    content["file"] = file.string();
    return content;
}

Result<int> run_export(const Options& options, const Export_Arguments& arguments) {
    const fs::path file = fs::absolute(arguments.file).lexically_normal();
    std::optional<Activity> activity(std::in_place, "exporting to " + arguments.file, !options.json);
    const auto content = export_state(arguments, file);
    activity.reset();
    OSBOT_TRY(const Json& exported, content);
    print(options, exported, fmt::format("exported to {} ({})", arguments.file, content_text(exported)));
    return exit_ok;
}

Result<Json> import_state(const Import_Arguments& arguments) {
    std::error_code error;
    fs::create_directories(arguments.folder(), error);
    const base::Temporary_Folder folder("import", error ? fs::path() : arguments.folder());
    OSBOT_TRY(engine::read_state_archive(arguments.file, folder.path()));
    const Json request{{"folder", folder.path().string()}};
    return call_engine(arguments.folder(), "POST", std::string(engine::State_Api::import_path),
                       base::dump_json(request), state_timeout);
}

Result<int> run_import(const Options& options, const Import_Arguments& arguments) {
    if (!arguments.yes) {
        const auto confirmed = confirm(
            fmt::format("This replaces every function, object, role and log in {}. ", arguments.folder().string()),
            "use --yes to replace all");
        if (!confirmed) return report_usage(confirmed.error());
        if (!*confirmed) return exit_failed;
    }
    std::optional<Activity> activity(std::in_place, "importing " + arguments.file, !options.json);
    const auto content = import_state(arguments);
    activity.reset();
    OSBOT_TRY(const Json& imported, content);
    print(options, imported, fmt::format("imported {} ({})", arguments.file, content_text(imported)));
    return exit_ok;
}

}  // namespace

void add_state(Command_Line& line, Command local) {
    {
        auto [command, arguments] = line.add_command(
            local, "export", "Write the state of the engine to an archive, while it runs or not", &run_export,
            "Images are not in the archive: import them again. An import keeps those of the engine.\n"
            "Examples:\n"
            "  osbot local export state.tar.zst");
        command.add_option("file FILE", arguments.file, "Archive to write; an existing file is replaced").required();
    }
    auto [command, arguments] = line.add_command(
        local, "import", "Replace the state of the engine by that of an archive, while it runs or not", &run_import,
        "Functions that run are stopped. If the archive cannot be imported, the state remains as it is.\n"
        "Examples:\n"
        "  osbot local import state.tar.zst\n"
        "  osbot local import --yes --state ./copy state.tar.zst");
    command.add_option("file FILE", arguments.file, "Archive of osbot local export").required();
    command.add_flag("--yes", arguments.yes, "Do not ask for confirmation");
}

}  // namespace osbot_aws::cli

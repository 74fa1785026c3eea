#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/files.hpp"
#include "cli/commands/commands.hpp"
#include "cli/help/man_page.hpp"
#include "cli/line/suggestion.hpp"
#include "cli/output/terminal.hpp"

namespace osbot_aws::cli {
namespace {

struct Man_Arguments {
    std::vector<std::string> words;
    std::string folder;
    std::optional<Command> root = std::nullopt;
};

Result<Command_Text> find(Command_Text command, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        std::vector<std::string> names;
        for (const Command_Text& subcommand : command.commands) names.push_back(subcommand.path.back());
        const auto found = std::find(names.begin(), names.end(), word);
        if (found == names.end()) return Error{"NotFound", unknown_name("command", word, names), 0};
        Command_Text subcommand = std::move(command.commands[static_cast<std::size_t>(found - names.begin())]);
        command = std::move(subcommand);
    }
    return command;
}

int write_all(const Options& options, const Command_Text& root, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    Json files = Json::array();
    for_each_command(root, [&](const Command_Text& command) {
        base::write_file(folder / man_file_name(command), man_page(command, root)).value();
        files.push_back((folder / man_file_name(command)).string());
    });
    print(options, files, fmt::format("wrote {} pages to {}", files.size(), folder.string()));
    return exit_ok;
}

/// Opens the page with man(1) if standard output is a terminal, like `git help`. Otherwise writes the roff source.
void show(const std::string& page) {
    if (is_any_terminal(1)) {
        if (std::FILE* reader = ::popen("man -l - 2>/dev/null", "w"); reader != nullptr) {
            std::fwrite(page.data(), 1, page.size(), reader);
            if (::pclose(reader) == 0) return;
        }
    }
    std::fwrite(page.data(), 1, page.size(), stdout);
}

Result<int> run_man(const Options& options, const Man_Arguments& arguments) {
    const Command_Text root = describe(*arguments.root);
    if (!arguments.folder.empty()) return write_all(options, root, arguments.folder);
    OSBOT_TRY(const auto command, find(root, arguments.words));
    const std::string page = man_page(command, root);
    if (options.json)
        print(options, {{"command", command.joined(' ')}, {"page", page}}, page);
    else
        show(page);
    return exit_ok;
}

}  // namespace

void add_man(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "man", "Show the manual page of a command", &run_man,
                         "Examples:\n"
                         "  osbot man deploy\n"
                         "  osbot man local start\n"
                         "  osbot man invoke > osbot-invoke.1            write the roff source\n"
                         "  osbot man --folder ~/.local/share/man/man1   write all pages");
    arguments.root = line.root();
    command.add_option("command", arguments.words, "Name of the command (default: osbot)");
    command.add_option("--folder FOLDER", arguments.folder, "Write the pages of all commands to this folder");
}

}  // namespace osbot_aws::cli

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/files.hpp"
#include "cli/commands.hpp"
#include "cli/man_page.hpp"
#include "cli/suggestion.hpp"
#include "cli/terminal.hpp"

namespace osbot_aws::cli {
namespace {

struct Arguments {
    std::vector<std::string> words;
    std::string folder;
    std::optional<Command> root = std::nullopt;
};

Result<Command_Text> find(Command_Text command, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        std::vector<std::string> names;
        for (Command_Text& below : command.commands) names.push_back(below.path.back());
        const auto found = std::find(names.begin(), names.end(), word);
        if (found == names.end()) return Error{"NotFound", no_such("command", word, names), 0};
        Command_Text below = std::move(command.commands[static_cast<std::size_t>(found - names.begin())]);
        command = std::move(below);
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
    print(options, files, fmt::format("{} pages are in {}", files.size(), folder.string()));
    return exit_ok;
}

/// Through man when somebody looks, as `git help` does; the page itself into a pipe or a file.
void show(const std::string& page) {
    if (is_any_terminal(1)) {
        if (std::FILE* reader = ::popen("man -l - 2>/dev/null", "w"); reader != nullptr) {
            std::fwrite(page.data(), 1, page.size(), reader);
            if (::pclose(reader) == 0) return;
        }
    }
    std::fwrite(page.data(), 1, page.size(), stdout);
}

int run(const Options& options, const Arguments& arguments) {
    const Command_Text root = describe(*arguments.root);
    if (!arguments.folder.empty()) return write_all(options, root, arguments.folder);
    const auto command = find(root, arguments.words);
    if (!command) return report(command.error());
    const std::string page = man_page(*command, root);
    if (options.json)
        print(options, {{"command", command->joined(' ')}, {"page", page}}, page);
    else
        show(page);
    return exit_ok;
}

}  // namespace

void add_man(Command_Line& line) {
    Command command = line.root().add_command("man", "Show the manual page of a command",
                                              "Examples:\n"
                                              "  osbot man deploy\n"
                                              "  osbot man local start\n"
                                              "  osbot man invoke > osbot-invoke.1   into a pipe or a file: roff\n"
                                              "  osbot man --folder ~/.local/share/man/man1   all pages");
    Arguments& arguments = line.runs(command, &run);
    arguments.root = line.root();
    command.add_option("command", arguments.words, "Words of the command (default: osbot itself)");
    command.add_option("--folder", arguments.folder, "Write the pages of all commands into this folder")
        .type_name("FOLDER");
}

}  // namespace osbot_aws::cli

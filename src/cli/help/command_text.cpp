#include "cli/help/command_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include <string_view>

namespace osbot_aws::cli {
namespace {

/// "TEXT:{auto,strict,off}" -> auto, strict, off. CLI11 stores the values that IsMember allows in the type's name.
std::vector<std::string> choices_of(std::string_view type) {
    std::vector<std::string> choices;
    const std::size_t open = type.find('{'), close = type.rfind('}');
    if (open == std::string_view::npos || close == std::string_view::npos) return choices;
    type = type.substr(open + 1, close - open - 1);
    while (!type.empty()) {
        const std::size_t comma = std::min(type.find(','), type.size());
        choices.emplace_back(type.substr(0, comma));
        type.remove_prefix(std::min(comma + 1, type.size()));
    }
    return choices;
}

Option_Text describe(const CLI::Option& option) {
    Option_Text text{.description = option.get_description(), .required = option.get_required()};
    for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
    if (!option.nonpositional()) text.names.push_back(option.get_name(true));
    if (option.get_items_expected_max() > 0) {
        const std::string type = option.get_type_name();
        text.choices = choices_of(type);
        text.value = text.choices.empty() ? type : type.substr(0, type.find(':'));
        text.repeated = option.get_items_expected_max() > 1;
    }
    return text;
}

Command_Text describe_tree(const CLI::App& command, std::vector<std::string> path) {
    Command_Text text{
        .path = std::move(path), .description = command.get_description(), .footer = command.get_footer()};
    for (const CLI::Option* option :
         command.get_options([](const CLI::Option* candidate) { return !candidate->get_group().empty(); }))
        (option->nonpositional() ? text.options : text.positionals).push_back(describe(*option));
    for (const CLI::App* subcommand :
         command.get_subcommands([](const CLI::App* candidate) { return !candidate->get_group().empty(); })) {
        std::vector<std::string> subcommand_path = text.path;
        subcommand_path.push_back(subcommand->get_name());
        text.commands.push_back(describe_tree(*subcommand, std::move(subcommand_path)));
    }
    return text;
}

}  // namespace

std::string Command_Text::joined(char separator) const {
    return fmt::format("{}", fmt::join(path, std::string_view(&separator, 1)));
}

Command_Text describe(const Command& command) { return describe_tree(command.app(), {command.app().get_name()}); }

}  // namespace osbot_aws::cli

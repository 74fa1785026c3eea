// The texts of a command's help as plain values: the source of manual pages and completion scripts.
#pragma once

#include <string>
#include <vector>

#include "cli/line/command.hpp"

namespace osbot_aws::cli {

struct Option_Text {
    std::vector<std::string> names;    ///< -h, --help; a positional argument has one name
    std::string value;                 ///< TEXT, INT, FILE, FOLDER ...; empty for a flag
    std::vector<std::string> choices;  ///< the allowed values; empty if any value is allowed
    std::string description;
    bool required = false, repeated = false;
};

struct Command_Text {
    std::vector<std::string> path;  ///< osbot, local, start
    std::string description;
    std::string footer;  ///< "Examples:", the example lines, an empty line, and paragraphs
    std::vector<Option_Text> options, positionals;
    std::vector<Command_Text> commands;

    std::string joined(char separator) const;  ///< "osbot local start"
};

/// Describes the command and its subcommands, except hidden ones.
Command_Text describe(const Command& command);

/// Calls `visit` for the command and all its descendants, parents first.
template <class Visit>
void for_each_command(const Command_Text& command, const Visit& visit) {
    visit(command);
    for (const Command_Text& subcommand : command.commands) for_each_command(subcommand, visit);
}

}  // namespace osbot_aws::cli

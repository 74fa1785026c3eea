// What a command's help is made of, as plain values: the source of manual pages and completions.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace osbot_aws::cli {

struct Option_Text {
    std::vector<std::string> names;    ///< -h, --help; of a positional argument its one name
    std::string value;                 ///< TEXT, INT, FILE, FOLDER ...; empty: a flag
    std::vector<std::string> choices;  ///< when only these are allowed
    std::string description;
    bool required = false, repeated = false;
};

struct Command_Text {
    std::vector<std::string> path;  ///< osbot, local, start
    std::string description;
    std::string footer;  ///< "Examples:", their lines, an empty line, and paragraphs
    std::vector<Option_Text> options, positionals;
    std::vector<Command_Text> commands;

    std::string joined(char between) const;  ///< "osbot local start"
};

/// The command and all below it, without hidden ones.
Command_Text describe(const Command& command);

/// Calls `visit` for the command and all below it, parents first.
template <class Visit>
void for_each_command(const Command_Text& command, const Visit& visit) {
    visit(command);
    for (const Command_Text& below : command.commands) for_each_command(below, visit);
}

}  // namespace osbot_aws::cli

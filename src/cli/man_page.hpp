#pragma once

#include <string>

#include "cli/command_text.hpp"

namespace osbot_aws::cli {

/// The manual page of `command`, in roff: what its --help says, arranged as man(7) asks. `root` is the command osbot,
/// whose options go for every command.
std::string man_page(const Command_Text& command, const Command_Text& root);

/// osbot-local-start.1
std::string man_file_name(const Command_Text& command);

}  // namespace osbot_aws::cli

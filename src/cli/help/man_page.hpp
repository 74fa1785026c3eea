#pragma once

#include <string>

#include "cli/help/command_text.hpp"

namespace osbot_aws::cli {

/// Returns the manual page of `command` in roff: the texts of its --help in the sections of man-pages(7). `root` is the
/// command osbot, whose options are common to all commands.
std::string man_page(const Command_Text& command, const Command_Text& root);

/// Returns the file name of the page: osbot-local-start.1
std::string man_file_name(const Command_Text& command);

}  // namespace osbot_aws::cli

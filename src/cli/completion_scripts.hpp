// Shell completion scripts, generated from the command tree. They look up function names at completion time.
#pragma once

#include <string>

#include "cli/command_text.hpp"

namespace osbot_aws::cli {

/// The hidden command that prints the function names for the scripts.
constexpr const char* function_names_command = "function-names";

std::string bash_completion(const Command_Text& root);
std::string zsh_completion(const Command_Text& root);
std::string fish_completion(const Command_Text& root);

/// The kind of an option's value, which selects how a shell completes it. `payload`: JSON or @file.
enum class Value_Kind { any, choice, file, folder, function, payload, none };
Value_Kind kind_of(const Option_Text& option);

}  // namespace osbot_aws::cli

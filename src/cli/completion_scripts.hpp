// Completion scripts of shells, made of the command's own tree; the names of functions are asked for while one types.
#pragma once

#include <string>

#include "cli/command_text.hpp"

namespace osbot_aws::cli {

/// The hidden command that scripts call for the names of functions.
constexpr const char* function_names_command = "function-names";

std::string bash_completion(const Command_Text& root);
std::string zsh_completion(const Command_Text& root);
std::string fish_completion(const Command_Text& root);

/// What a value is, for a shell that completes it.
enum class Value_Kind { any, choice, file, folder, function, payload, none };
Value_Kind kind_of(const Option_Text& option);

}  // namespace osbot_aws::cli

// Shell completion scripts, generated from the command tree. They look up names of functions, queues and layers at
// completion time.
#pragma once

#include <string>

#include "cli/help/command_text.hpp"

namespace osbot_aws::cli {

// The hidden commands that print names for the scripts.
constexpr const char* function_names_command = "function-names";
constexpr const char* queue_names_command = "queue-names";
constexpr const char* layer_names_command = "layer-names";

std::string bash_completion(const Command_Text& root);
std::string zsh_completion(const Command_Text& root);
std::string fish_completion(const Command_Text& root);

/// The kind of an option's value, which selects how a shell completes it. `payload`: JSON or @file.
enum class Value_Kind { any, choice, file, folder, function, queue, layer, payload, none };
Value_Kind kind_of(const Option_Text& option);

}  // namespace osbot_aws::cli

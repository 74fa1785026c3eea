// The errors of CLI11, the parser of the command line, in the words of this command.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace osbot_aws::cli {

/// Returns the innermost subcommand that the arguments select.
CLI::App& selected_command(CLI::App& app);

/// Describes any error of the parser. The message names the argument, the fault, the accepted values, and the nearest
/// name of an option, command or value. `app` is the root of the commands, after the error.
std::string usage_message(CLI::App& app, const CLI::ParseError& error);

}  // namespace osbot_aws::cli

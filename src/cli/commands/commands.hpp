// One source file per command. Each function adds a subcommand with its help, examples and action.
#pragma once

#include "cli/commands/command_line.hpp"

namespace osbot_aws::cli {

void add_init(Command_Line& line);
void add_deploy(Command_Line& line);
void add_package(Command_Line& line);
void add_invoke(Command_Line& line);
void add_logs(Command_Line& line);
void add_info(Command_Line& line);
void add_list(Command_Line& line);
void add_delete(Command_Line& line);
void add_url(Command_Line& line);
void add_layers(Command_Line& line);
void add_queues(Command_Line& line);
void add_local(Command_Line& line);
void add_images(Command_Line& line, Command local);
void add_status(Command_Line& line, Command local);
void add_prune(Command_Line& line, Command local);
void add_runtimes(Command_Line& line, Command local);
void add_state(Command_Line& line, Command local);
void add_doctor(Command_Line& line);
void add_event(Command_Line& line);
/// Also adds the hidden command that the scripts call.
void add_completion(Command_Line& line);
void add_explain(Command_Line& line);
void add_man(Command_Line& line);
void add_version(Command_Line& line);

}  // namespace osbot_aws::cli

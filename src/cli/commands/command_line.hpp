#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "cli/line/command.hpp"
#include "cli/line/options.hpp"

namespace osbot_aws::cli {

/// The state folder that a command uses, and its option --state.
struct State_Argument {
    std::string state;

    std::filesystem::path folder() const;
    void add_to(Command command);
};

/// The command line of `osbot`: its tree of commands, the options common to all of them, and the action of the selected
/// command. Completion scripts and manual pages are generated from the same tree.
class Command_Line {
public:
    /// A command, and where the values of its options are stored.
    template <class Arguments>
    struct Action {
        Command command;
        Arguments& arguments;
    };

    /// Builds the tree only: no file is read and no request is sent before a command runs.
    Command_Line();
    ~Command_Line();
    Command_Line(const Command_Line&) = delete;
    Command_Line& operator=(const Command_Line&) = delete;

    /// Parses the arguments, runs the selected command and returns its exit code.
    int run(int argc, char** argv);

    Command root() const { return Command(*app_); }

    /// Adds a subcommand of `parent` with its action, which returns an exit code or a Result of one. Returns the
    /// command and the arguments to bind its options to; the command owns them. Arguments derived from State_Argument
    /// have the option --state.
    template <class Code, class Arguments>
    Action<Arguments> add_command(Command parent, const char* name, const char* description,
                                  Code (*action)(const Options&, const Arguments&), const char* examples = "") {
        const auto arguments = std::make_shared<Arguments>();
        Command command = parent.add_command(name, description, examples);
        set_action(command, [this, arguments, action] { return action(options, *arguments); });
        if constexpr (std::is_base_of_v<State_Argument, Arguments>) arguments->add_to(command);
        return {command, *arguments};
    }
    template <class Code>
    Command add_command(Command parent, const char* name, const char* description, Code (*action)(const Options&),
                        const char* examples = "") {
        Command command = parent.add_command(name, description, examples);
        set_action(command, [this, action] { return action(options); });
        return command;
    }

    Options options;

private:
    void set_action(Command command, std::function<Result<int>()> action);

    std::unique_ptr<CLI::App> app_;
    std::function<Result<int>()> action_;
};

}  // namespace osbot_aws::cli

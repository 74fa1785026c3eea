#pragma once

#include <functional>
#include <memory>

#include "cli/command.hpp"
#include "cli/options.hpp"

namespace osbot_aws::cli {

/// The command line of `osbot`: its tree of commands, the options common to all of them, and the action of the selected
/// command. Completion scripts and manual pages are generated from the same tree.
class Command_Line {
public:
    /// Builds the tree only: no file is read and no request is sent before a command runs.
    Command_Line();
    ~Command_Line();
    Command_Line(const Command_Line&) = delete;
    Command_Line& operator=(const Command_Line&) = delete;

    /// Parses the arguments, runs the selected command and returns its exit code.
    int run(int argc, char** argv);

    Command root() const { return Command(*app_); }

    /// Sets the action of `command`. Returns the arguments to bind its options to; the command owns them.
    template <class Arguments>
    Arguments& set_action(Command command, int (*action)(const Options&, const Arguments&)) {
        auto arguments = std::make_shared<Arguments>();
        command.on_use(
            [this, arguments, action] { action_ = [this, arguments, action] { return action(options, *arguments); }; });
        return *arguments;
    }

    Options options;

private:
    std::unique_ptr<CLI::App> app_;
    std::function<int()> action_;
};

}  // namespace osbot_aws::cli

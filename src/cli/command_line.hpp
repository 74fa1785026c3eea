#pragma once

#include <functional>
#include <memory>

#include "cli/command.hpp"
#include "cli/options.hpp"

namespace osbot_aws::cli {

/// The command line of `osbot`: the tree of its commands, the options that all of them take, and what the chosen one
/// does. The tree is also what completions and manual pages are made of.
class Command_Line {
public:
    /// The whole tree. Builds nothing but it: no files are read and nobody is asked before a command runs.
    Command_Line();
    ~Command_Line();
    Command_Line(const Command_Line&) = delete;
    Command_Line& operator=(const Command_Line&) = delete;

    /// Parses, runs what was chosen, and answers the exit code.
    int run(int argc, char** argv);

    Command root() const { return Command(*app_); }

    /// `command` does `action` when it is chosen. Answers the arguments to bind options to; the command keeps them.
    template <class Arguments>
    Arguments& runs(Command command, int (*action)(const Options&, const Arguments&)) {
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

#pragma once

#include <functional>
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace osbot_aws::cli {

/// The command line of `osbot`: the tree of its commands, the options that all of them take, and what the chosen one
/// does. The tree is also what completions and manual pages are made of.
class Command_Line {
public:
    /// The whole tree. Builds nothing but it: no files are read and nobody is asked before a command runs.
    Command_Line();
    Command_Line(const Command_Line&) = delete;
    Command_Line& operator=(const Command_Line&) = delete;

    /// Parses, runs what was chosen, and answers the exit code.
    int run(int argc, char** argv);

    /// A command, or one of a command: what it is for in one line, and what its --help teaches after its options.
    static CLI::App* add(CLI::App& parent, const char* name, const char* description, const char* examples = "");

    /// An option that is a number of bytes, given with or without a unit of 1024: 500K, 100M, 2G.
    template <class Bytes>
    static void add_size(CLI::App* command, const char* name, Bytes& bytes, const char* description) {
        CLI::AsSizeValue sizes(false);
        sizes.description("");  // --help says SIZE, not each unit
        command->add_option(name, bytes, description)->transform(sizes)->type_name("SIZE");
    }

    /// `command` does `action` when it is chosen. Answers the arguments to bind options to; the command keeps them.
    template <class Arguments>
    Arguments& runs(CLI::App* command, int (*action)(const Options&, const Arguments&)) {
        auto arguments = std::make_shared<Arguments>();
        command->callback(
            [this, arguments, action] { action_ = [this, arguments, action] { return action(options, *arguments); }; });
        return *arguments;
    }

    CLI::App app;
    Options options;

private:
    std::function<int()> action_;
};

}  // namespace osbot_aws::cli

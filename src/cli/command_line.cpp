#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/command_text.hpp"
#include "cli/commands.hpp"
#include "cli/suggestion.hpp"
#include "server/version.hpp"

namespace osbot_aws::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  osbot init hello --language python          a function with its test, to begin with\n"
    "  osbot deploy ./hello.py                     a Python file becomes the function hello\n"
    "  osbot invoke hello '{\"name\": \"Ada\"}' --logs   call it and see what it printed\n"
    "  osbot url hello --public                    give it a URL; curl \"$(osbot url hello)\"\n"
    "  osbot deploy ./order_processor              a C++ program with handler<f> in it\n"
    "  osbot local start                           an AWS endpoint on http://127.0.0.1:4566\n\n"
    "Where calls go: --endpoint-url, --local or --aws; else AWS_ENDPOINT_URL; else OSBOT_AWS_TARGET (local, aws);\n"
    "else AWS when credentials are found; else the local engine, which is started when it does not run.\n\n"
    "Exit codes: 0 done; 1 the function or the call failed; 2 wrong arguments; 3 no answer; 4 not found.";

/// The command that the words have led to.
CLI::App& chosen(CLI::App& app) {
    const auto commands = app.get_subcommands();
    return commands.empty() ? app : chosen(*commands.front());
}

/// Which word nobody knows, and what it may have been meant to be; empty: the parser knows better what is wrong.
std::string unknown_word(CLI::App& app) {
    const std::vector<std::string> words = app.remaining(true);
    const Command_Text command = describe(Command(chosen(app))), root = describe(Command(app));
    for (const std::string& word : words) {
        std::vector<std::string> known;
        if (word.starts_with('-')) {
            for (const auto* options : {&command.options, &root.options})
                for (const Option_Text& option : *options)
                    known.insert(known.end(), option.names.begin(), option.names.end());
            return no_such("option", word.substr(0, word.find('=')), known);
        }
        for (const Command_Text& below : command.commands) known.push_back(below.path.back());
        if (!known.empty()) return no_such("command", word, known);
    }
    return "";
}

int report_wrong_arguments(CLI::App& app, const CLI::ParseError& error) {
    std::string what = unknown_word(app);
    if (what.empty()) what = error.what();
    std::string path;
    for (const CLI::App* at = &chosen(app); at != nullptr; at = at->get_parent())
        path = at->get_name() + (path.empty() ? "" : " ") + path;
    std::fprintf(stderr, "osbot: %s (%s --help shows how it is used)\n", what.c_str(), path.c_str());
    return exit_usage;
}

}  // namespace

Command_Line::Command_Line()
    : app_(std::make_unique<CLI::App>("Functions as running AWS Lambdas: on an embedded local engine, or on AWS",
                                      "osbot")) {
    app_->require_subcommand(1);
    app_->fallthrough();
    app_->footer(examples);
    app_->set_version_flag("--version", fmt::format("osbot {}", server::version));
    Command all = root();
    const Option local = all.add_flag("--local", options.local, "Use the local engine");
    all.add_flag("--aws", options.aws, "Use AWS").excludes(local);
    all.add_option("--endpoint-url", options.endpoint_url, "Use this endpoint");
    all.add_option("--region", options.region, "AWS region");
    all.add_option("--profile", options.profile, "Profile of the shared AWS files");
    all.add_flag("--json", options.json, "Machine-readable output on stdout");
    for (const auto add : {add_init, add_deploy, add_invoke, add_logs, add_info, add_list, add_delete, add_url,
                           add_event, add_doctor, add_local, add_explain, add_completion, add_man, add_version})
        add(*this);
}

Command_Line::~Command_Line() = default;

int Command_Line::run(int argc, char** argv) {
    if (argc == 1) {
        std::fputs(app_->help().c_str(), stderr);
        return exit_usage;
    }
    try {
        app_->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return error.get_exit_code() == 0 ? app_->exit(error) : report_wrong_arguments(*app_, error);
    }
    return action_();
}

}  // namespace osbot_aws::cli

// logs, info, list, delete: each a call or two and their print.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/time_text.hpp"
#include "cli/commands.hpp"

namespace osbot_aws::cli {
namespace {

struct Logs_Arguments {
    std::string function, pattern;
    int lines = 100;
};

int run_logs(const Options& options, const Logs_Arguments& arguments) {
    const Session session = make_session(options);
    Json events;
    try {
        events = Lambda(arguments.function, session)
                     .log_group()
                     .tail(static_cast<std::size_t>(std::max(arguments.lines, 0)), arguments.pattern);
    } catch (const Aws_Exception& failed) {
        if (failed.code() != "ResourceNotFoundException") throw;
        return report({"ResourceNotFoundException",
                       fmt::format("{} has written no logs, or there is no such function", arguments.function), 404});
    }
    std::string text;
    for (const Json& event : events) {
        const std::string message = event.at("message").get<std::string>();
        text +=
            fmt::format("{} {}{}", base::iso8601_ms_z(base::from_unix_ms(event.at("timestamp").get<std::int64_t>())),
                        message, message.ends_with('\n') ? "" : "\n");
    }
    print(options, events, text);
    return exit_ok;
}

int run_info(const Options& options, const std::string& function) {
    const Json info = Lambda(function, make_session(options)).info();
    const Json& c = info.at("Configuration");
    std::string text;
    for (const char* member :
         {"FunctionName", "FunctionArn", "State", "StateReason", "Runtime", "Handler", "MemorySize", "Timeout",
          "CodeSize", "CodeSha256", "LastModified", "LastUpdateStatus", "Role"}) {
        if (!c.contains(member)) continue;
        text +=
            fmt::format("{:<18} {}\n", member, c[member].is_string() ? c[member].get<std::string>() : c[member].dump());
    }
    print(options, info, text);
    return exit_ok;
}

int run_list(const Options& options) {
    const Json functions = Lambda("", make_session(options)).functions();
    std::string text;
    for (const Json& f : functions) {
        text += fmt::format("{:<40} {:<16} {:<28} {:>6} MB  {}\n", f.at("FunctionName").get<std::string>(),
                            f.value("Runtime", ""), f.value("Handler", ""), f.value("MemorySize", 0),
                            f.value("LastModified", ""));
    }
    print(options, functions, text.empty() ? "no functions" : text);
    return exit_ok;
}

int run_delete(const Options& options, const std::string& function, bool keep_logs) {
    if (!Lambda(function, make_session(options)).delete_(!keep_logs)) {
        return report({"ResourceNotFoundException", fmt::format("there is no function {}", function), 404});
    }
    print(options, {{"deleted", function}}, function + " is deleted");
    return exit_ok;
}

}  // namespace

void add_logs(CLI::App& app, const Options& options, Action& action) {
    auto arguments = std::make_shared<Logs_Arguments>();
    CLI::App* command = app.add_subcommand("logs", "Show what a function has written");
    command->footer("Examples:\n  osbot logs hello\n  osbot logs hello --lines 20 --filter ERROR");
    command->add_option("function", arguments->function, "Name of the function")->required();
    command->add_option("--lines", arguments->lines, "The newest so many (default 100)");
    command->add_option("--filter", arguments->pattern, "Only lines with these terms");
    command->callback(
        [&options, &action, arguments] { action = [&options, arguments] { return run_logs(options, *arguments); }; });
}

void add_info(CLI::App& app, const Options& options, Action& action) {
    auto function = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("info", "Show a function's configuration");
    command->footer("Examples:\n  osbot info hello\n  osbot info hello --json");
    command->add_option("function", *function, "Name or ARN of the function")->required();
    command->callback(
        [&options, &action, function] { action = [&options, function] { return run_info(options, *function); }; });
}

void add_list(CLI::App& app, const Options& options, Action& action) {
    CLI::App* command = app.add_subcommand("list", "List all functions");
    command->footer("Examples:\n  osbot list\n  osbot list --json | jq -r '.[].FunctionName'");
    command->callback([&options, &action] { action = [&options] { return run_list(options); }; });
}

void add_delete(CLI::App& app, const Options& options, Action& action) {
    struct Arguments {
        std::string function;
        bool keep_logs = false;
    };
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("delete", "Delete a function and its logs");
    command->footer("Examples:\n  osbot delete hello\n  osbot delete hello --keep-logs");
    command->add_option("function", arguments->function, "Name of the function")->required();
    command->add_flag("--keep-logs", arguments->keep_logs, "Leave its log group");
    command->callback([&options, &action, arguments] {
        action = [&options, arguments] { return run_delete(options, arguments->function, arguments->keep_logs); };
    });
}

}  // namespace osbot_aws::cli

#include <fmt/format.h>

#include <cstdio>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/files.hpp"
#include "cli/commands.hpp"

namespace osbot_aws::cli {
namespace {

struct Arguments {
    std::string function, payload = "{}", qualifier;
    bool logs = false, event = false;
};

/// JSON itself, `@file`, or `-` for standard input.
std::string text_of(const std::string& payload) {
    if (payload == "-") {
        std::string text;
        char block[65536];
        for (std::size_t got; (got = std::fread(block, 1, sizeof block, stdin)) > 0;) text.append(block, got);
        return text;
    }
    if (payload.starts_with('@')) return base::read_file(payload.substr(1)).value();
    return payload;
}

int run(const Options& options, const Arguments& arguments) {
    const Json payload = Json::parse(text_of(arguments.payload), nullptr, false);
    if (payload.is_discarded()) {
        std::fprintf(stderr,
                     "osbot: the payload is not JSON; quote it for the shell, as in '{\"name\": \"Ada\"}', or give "
                     "@file or -\n");
        return exit_usage;
    }
    Lambda lambda(arguments.function, make_session(options));
    if (arguments.event) {
        const Json queued = lambda.invoke_async(payload);
        print(options, queued, fmt::format("queued as {}", queued.value("RequestId", "")));
        return exit_ok;
    }
    Invoke_Answer answer =
        lambda.invoke_raw(payload, {.log_type = arguments.logs ? "Tail" : "None", .qualifier = arguments.qualifier});
    if (answer.status == "error") {
        const std::size_t colon = answer.error.find(": ");
        return report({answer.error.substr(0, colon),
                       colon == std::string::npos ? answer.error : answer.error.substr(colon + 2), 0});
    }
    if (arguments.logs && !options.json) std::fputs(answer.log_tail.c_str(), stderr);
    print(options, answer.to_json(), answer.data.dump());
    if (answer.function_error.empty()) return exit_ok;
    if (!options.json) std::fprintf(stderr, "osbot: %s failed: %s\n", arguments.function.c_str(), answer.error.c_str());
    return exit_failed;
}

}  // namespace

void add_invoke(Command_Line& line) {
    CLI::App* command = Command_Line::add(line.app, "invoke", "Call a function and print what it returns",
                                          "Examples:\n"
                                          "  osbot invoke hello '{\"name\": \"Ada\"}'\n"
                                          "  osbot invoke hello @event.json --logs     its log lines go to stderr\n"
                                          "  echo '{}' | osbot invoke hello -\n"
                                          "  osbot invoke hello --event                queue it and return at once\n\n"
                                          "The exit code is 1 when the function fails; its error is still printed.");
    Arguments& arguments = line.runs(command, &run);
    command->add_option("function", arguments.function, "Name or ARN of the function")
        ->required()
        ->type_name("FUNCTION");
    command->add_option("payload", arguments.payload, "JSON, @file, or - for standard input (default {})")
        ->type_name("JSON");
    command->add_option("--qualifier", arguments.qualifier, "Version or alias");
    command->add_flag("--logs", arguments.logs, "Show the log lines of this call");
    command->add_flag("--event", arguments.event, "Do not wait: queue the event");
}

}  // namespace osbot_aws::cli

#include <fmt/format.h>

#include <cstdio>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/files.hpp"
#include "base/json.hpp"
#include "cli/activity.hpp"
#include "cli/commands.hpp"
#include "cli/log_text.hpp"
#include "cli/sample_events.hpp"

namespace osbot_aws::cli {
namespace {

struct Arguments {
    std::string function, payload, qualifier, event;
    std::vector<std::string> settings;
    bool logs = false, asynchronous = false, dry_run = false;
};

/// JSON itself, `@file`, or `-` for standard input. Errors: FileError.
Result<std::string> text_of(const std::string& payload) {
    if (payload == "-") {
        std::string text;
        char block[65536];
        for (std::size_t got; (got = std::fread(block, 1, sizeof block, stdin)) > 0;) text.append(block, got);
        return text;
    }
    if (payload.starts_with('@')) return base::read_file(payload.substr(1));
    return payload.empty() ? "{}" : payload;
}

/// Errors: InvalidArgument, with the place that is wrong.
Result<Json> parsed(const std::string& payload, const std::string& text) {
    try {
        return base::parse_json_or_throw(text);
    } catch (const Json::exception& wrong) {  // a number may be out of range, too
        const std::string what =
            wrong.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
        const std::string where = what.substr(what.find("] ") + 2);
        if (payload == "-") return Error{"InvalidArgument", "what came on standard input is not JSON: " + where, 0};
        if (payload.starts_with('@'))
            return Error{"InvalidArgument", fmt::format("{} is not JSON: {}", payload.substr(1), where), 0};
        return Error{"InvalidArgument",
                     fmt::format("the payload is not JSON ({}); quote it for the shell, as in '{{\"name\": \"Ada\"}}', "
                                 "or give @file or -",
                                 where),
                     0};
    }
}

/// The sample event, or the payload. Errors: InvalidSetting, InvalidArgument, FileError.
Result<Json> payload_of(const Arguments& arguments) {
    if (!arguments.event.empty()) {
        const auto settings = names_and_values("--set", arguments.settings);
        if (!settings) return settings.error();
        auto event = sample_event(arguments.event, *settings);
        if (!event) return event.error();
        return Json(*event);
    }
    const auto text = text_of(arguments.payload);
    if (!text) return text.error();
    return parsed(arguments.payload, *text);
}

/// Lambda takes the qualifier as a part of the name, too: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
std::string qualified(const Arguments& arguments) {
    return arguments.qualifier.empty() ? arguments.function : arguments.function + ":" + arguments.qualifier;
}

int queue(const Options& options, const Arguments& arguments, const Json& payload) {
    const Json queued = Lambda(qualified(arguments), make_session(options)).invoke_async(payload);
    print(options, queued, fmt::format("queued as {}", queued.value("RequestId", "")));
    return exit_ok;
}

int try_it(const Options& options, const Arguments& arguments, const Json& payload) {
    const Json allowed = Lambda(qualified(arguments), make_session(options)).invoke_dry_run(payload);
    print(options, allowed, fmt::format("{} is there and may be called; nothing ran", arguments.function));
    return exit_ok;
}

Invoke_Result call(Lambda& lambda, const Arguments& arguments, const Json& payload) {
    const Activity activity(arguments.function + " runs");
    return lambda.invoke_raw(payload, {.log_type = arguments.logs ? "Tail" : "None", .qualifier = arguments.qualifier});
}

int run(const Options& options, const Arguments& arguments) {
    const auto wanted = payload_of(arguments);
    if (!wanted) return report_usage(wanted.error());
    const Json& payload = *wanted;
    if (arguments.asynchronous) return queue(options, arguments, payload);
    if (arguments.dry_run) return try_it(options, arguments, payload);
    Lambda lambda(arguments.function, make_session(options));
    const Invoke_Result answer = call(lambda, arguments, payload);
    if (answer.status == "error") return report(error_of(answer.error));
    if (arguments.logs && !options.json) std::fputs(log_lines(answer.log_tail, 2).c_str(), stderr);
    print(options, answer.to_json(), base::dump_json(answer.data));
    if (answer.function_error.empty()) return exit_ok;
    if (options.json) return exit_failed;
    std::fprintf(stderr, "osbot: %s failed: %s\n", arguments.function.c_str(), answer.error.c_str());
    if (answer.data.is_object() && answer.data.contains("errorType") && answer.data["errorType"].is_string())
        point_to_page(answer.data["errorType"].get<std::string>());
    return exit_failed;
}

}  // namespace

void add_invoke(Command_Line& line) {
    Command command =
        line.root().add_command("invoke", "Call a function and print what it returns",
                                "Examples:\n"
                                "  osbot invoke hello '{\"name\": \"Ada\"}'\n"
                                "  osbot invoke hello @event.json --logs     its log lines go to stderr\n"
                                "  echo '{}' | osbot invoke hello -\n"
                                "  osbot invoke hello --event s3 --set bucket=photos --set key=a.jpg\n"
                                "  osbot invoke hello --async                queue it and return at once\n\n"
                                "The exit code is 1 when the function fails; its error is still printed.");
    Arguments& arguments = line.runs(command, &run);
    command.add_option("function", arguments.function, "Name or ARN of the function").required().type_name("FUNCTION");
    const Option payload =
        command.add_option("payload", arguments.payload, "JSON, @file, or - for standard input (default {})")
            .type_name("JSON");
    const Option event = command
                             .add_option("--event", arguments.event,
                                         "Send a sample event of this service instead (osbot event lists them)")
                             .one_of(event_kinds())
                             .excludes(payload);
    command.add_option("--set", arguments.settings, "NAME=VALUE, a setting of the sample event; may be repeated")
        .needs(event);
    command.add_option("--qualifier", arguments.qualifier, "Version or alias");
    const Option logs = command.add_flag("--logs", arguments.logs, "Show the log lines of this call");
    const Option asynchronous =
        command.add_flag("--async", arguments.asynchronous, "Do not wait: queue the event").excludes(logs);
    command.add_flag("--dry-run", arguments.dry_run, "Run nothing: say whether the function may be called")
        .excludes(asynchronous);
}

}  // namespace osbot_aws::cli

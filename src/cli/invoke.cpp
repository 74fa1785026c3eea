#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/json.hpp"
#include "cli/activity.hpp"
#include "cli/argument_text.hpp"
#include "cli/commands.hpp"
#include "cli/function_names.hpp"
#include "cli/log_text.hpp"
#include "cli/project_functions.hpp"
#include "cli/sample_events.hpp"

namespace osbot_aws::cli {
namespace {

struct Invoke_Arguments {
    std::string function, payload, qualifier, event, stage;
    std::vector<std::string> settings;
    bool logs = false, asynchronous = false, dry_run = false;
};

/// Parses the text of a payload argument. Errors: InvalidArgument, with the position of the syntax error.
Result<Json> parse_payload(const std::string& argument, const std::string& text) {
    try {
        return base::parse_json_or_throw(text);
    } catch (const Json::exception& error) {  // this type also covers numbers that are out of range
        const std::string message =
            error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
        const std::string reason = message.substr(message.find("] ") + 2);
        if (argument == "-") return Error{"InvalidArgument", "standard input is not JSON: " + reason, 0};
        if (argument.starts_with('@'))
            return Error{"InvalidArgument", fmt::format("{} is not JSON: {}", argument.substr(1), reason), 0};
        return Error{"InvalidArgument",
                     fmt::format("the payload is not JSON ({}); quote it for the shell, as in '{{\"name\": \"Ada\"}}', "
                                 "or use @file or -",
                                 reason),
                     0};
    }
}

/// Returns the sample event or the payload. Errors: InvalidSetting, InvalidArgument, FileError.
Result<Json> payload_of(const Invoke_Arguments& arguments) {
    if (!arguments.event.empty()) {
        const auto settings = names_and_values("--set", arguments.settings);
        if (!settings) return settings.error();
        auto event = sample_event(arguments.event, *settings);
        if (!event) return event.error();
        return Json(*event);
    }
    const auto text = argument_text(arguments.payload.empty() ? "{}" : arguments.payload);
    if (!text) return text.error();
    return parse_payload(arguments.payload, *text);
}

/// Returns FUNCTION:QUALIFIER, which Lambda accepts as a function name.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
std::string qualified_name(const Invoke_Arguments& arguments) {
    return arguments.qualifier.empty() ? arguments.function : arguments.function + ":" + arguments.qualifier;
}

int queue(const Options& options, const Invoke_Arguments& arguments, const Session& session, const Json& payload) {
    const Json queued = Lambda(qualified_name(arguments), session).invoke_async(payload);
    print(options, queued, fmt::format("queued as {}", queued.value("RequestId", "")));
    return exit_ok;
}

int dry_run(const Options& options, const Invoke_Arguments& arguments, const Session& session, const Json& payload) {
    const Json allowed = Lambda(qualified_name(arguments), session).invoke_dry_run(payload);
    print(options, allowed, fmt::format("{} exists and may be invoked; it was not run", arguments.function));
    return exit_ok;
}

Invoke_Result call(Lambda& lambda, const Invoke_Arguments& arguments, const Json& payload) {
    const Activity activity("running " + arguments.function);
    return lambda.invoke_raw(payload, {.log_type = arguments.logs ? "Tail" : "None", .qualifier = arguments.qualifier});
}

int invoke(const Options& options, const Invoke_Arguments& arguments, const Session& session, const Json& payload) {
    Lambda lambda(arguments.function, session);
    const Invoke_Result result = call(lambda, arguments, payload);
    if (result.status == "error") return report_function_error(session, arguments.function, error_of(result.error));
    if (arguments.logs && !options.json) std::fputs(log_lines(result.log_tail, 2).c_str(), stderr);
    print(options, result.to_json(), base::dump_json(result.data));
    if (result.function_error.empty()) return exit_ok;
    if (options.json) return exit_failed;
    std::fprintf(stderr, "osbot: %s failed: %s\n", arguments.function.c_str(), result.error.c_str());
    if (result.data.is_object() && result.data.contains("errorType") && result.data["errorType"].is_string())
        mention_error_page(result.data["errorType"].get<std::string>());
    return exit_failed;
}

/// Completes the function's name. The only argument may be the payload, for the function of osbot.toml.
Result<Invoke_Arguments> with_function_name(Invoke_Arguments arguments) {
    const bool is_payload = arguments.function == "-" || arguments.function.find_first_of("{[\"@") == 0;
    if (is_payload && arguments.payload.empty()) std::swap(arguments.function, arguments.payload);
    auto name = function_name_of(arguments.function, arguments.stage);
    if (!name) return name.error();
    arguments.function = *std::move(name);
    return arguments;
}

int run_invoke(const Options& options, const Invoke_Arguments& command_line) {
    const auto named = with_function_name(command_line);
    if (!named) return report_usage(named.error());
    const Invoke_Arguments& arguments = *named;
    const auto payload = payload_of(arguments);
    if (!payload) return report_usage(payload.error());
    const Session session = make_session(options);
    return with_function_errors(session, arguments.function, [&] {
        const auto act = arguments.asynchronous ? &queue : arguments.dry_run ? &dry_run : &invoke;
        return act(options, arguments, session, *payload);
    });
}

}  // namespace

void add_invoke(Command_Line& line) {
    Command command = line.root().add_command(
        "invoke", "Call a function and print its result",
        "Examples:\n"
        "  osbot invoke hello '{\"name\": \"Ada\"}'\n"
        "  osbot invoke hello @event.json --logs     log lines are written to stderr\n"
        "  echo '{}' | osbot invoke hello -\n"
        "  osbot invoke hello --event s3 --set bucket=photos --set key=a.jpg\n"
        "  osbot invoke hello --async                queue the event and return\n"
        "  osbot invoke '{}' --stage prod            the function of this folder's osbot.toml\n\n"
        "If the function fails, its error is printed to stdout and the exit code is 1.");
    Invoke_Arguments& arguments = line.set_action(command, &run_invoke);
    command
        .add_option("function", arguments.function,
                    "Name or ARN of the function (default: the only function of this folder's osbot.toml)")
        .type_name("FUNCTION");
    const Option payload =
        command.add_option("payload", arguments.payload, "JSON, @file, or - for standard input (default {})")
            .type_name("JSON");
    const Option event = command
                             .add_option("--event", arguments.event,
                                         "Send a sample event instead of a payload (list them with osbot event)")
                             .one_of(event_kinds())
                             .excludes(payload);
    command.add_option("--set", arguments.settings, "Set NAME=VALUE in the sample event; may be repeated").needs(event);
    command.add_option("--stage", arguments.stage, "Call FUNCTION__STAGE, which osbot deploy --stage creates");
    command.add_option("--qualifier", arguments.qualifier, "Version or alias");
    const Option logs = command.add_flag("--logs", arguments.logs, "Show the log lines of this call on stderr");
    const Option asynchronous =
        command.add_flag("--async", arguments.asynchronous, "Queue the event and return without waiting")
            .excludes(logs);
    command.add_flag("--dry-run", arguments.dry_run, "Check that the function may be called, without running it")
        .excludes(asynchronous);
}

}  // namespace osbot_aws::cli

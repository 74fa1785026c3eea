#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/utf8.hpp"
#include "cli/commands/commands.hpp"
#include "cli/functions/function_names.hpp"
#include "cli/line/argument_text.hpp"
#include "cli/output/activity.hpp"
#include "cli/output/log_text.hpp"
#include "cli/output/terminal.hpp"
#include "cli/project/project_functions.hpp"
#include "cli/project/sample_events.hpp"
#include "sdk/lambda_calls.hpp"
#include "wire/json_text.hpp"

namespace osbot_aws::cli {
namespace {

struct Invoke_Arguments {
    std::string function, payload, qualifier, event, stage;
    std::vector<std::string> settings;
    bool logs = false, asynchronous = false, dry_run = false;
};

/// Returns the position and the reason of a syntax error. `fault` is that of wire::json_fault().
std::string syntax_error(const std::string& text, const std::string& fault) {
    try {
        base::parse_json_or_throw(text);
    } catch (const Json::exception& error) {
        const std::string message =
            error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
        return message.substr(message.find("] ") + 2);
    }
    return fault.substr(0, fault.find('\n'));
}

/// Checks that a payload is JSON, without parsing it: the function receives the bytes that the user wrote, with the
/// same numbers, names and spaces. Errors: InvalidArgument, with the position of the syntax error.
Result<void> check_payload(const std::string& argument, const std::string& text) {
    const auto fault = wire::json_fault(text);
    if (!fault) return {};
    const std::string reason = syntax_error(text, *fault);
    if (argument == "-") return Error{"InvalidArgument", "standard input is not JSON: " + reason, 0};
    if (argument.starts_with('@'))
        return local_error("InvalidArgument", "{} is not JSON: {}", argument.substr(1), reason);
    return local_error("InvalidArgument",
                       "the payload is not JSON ({}); quote it for the shell, as in '{{\"name\": \"Ada\"}}', "
                       "or use @file or -",
                       reason);
}

/// Returns the text of the sample event or of the payload. Errors: InvalidSetting, InvalidArgument, FileError.
Result<std::string> payload_of(const Invoke_Arguments& arguments) {
    if (!arguments.event.empty()) {
        OSBOT_TRY(const auto settings, names_and_values("--set", arguments.settings));
        return sample_event_text(arguments.event, settings);
    }
    OSBOT_TRY(auto text, argument_text(arguments.payload.empty() ? "{}" : arguments.payload));
    OSBOT_TRY(check_payload(arguments.payload, text));
    return text;
}

/// Returns FUNCTION:QUALIFIER, which Lambda accepts as a function name.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
std::string qualified_name(const Invoke_Arguments& arguments) {
    return arguments.qualifier.empty() ? arguments.function : arguments.function + ":" + arguments.qualifier;
}

int queue(const Options& options, const Invoke_Arguments& arguments, const Session& session, std::string payload) {
    const Json queued = queue_text(Lambda(qualified_name(arguments), session), std::move(payload));
    print(options, queued, fmt::format("queued as {}", queued.value("RequestId", "")));
    return exit_ok;
}

int dry_run(const Options& options, const Invoke_Arguments& arguments, const Session& session, std::string payload) {
    const Json allowed = dry_run_text(Lambda(qualified_name(arguments), session), std::move(payload));
    print(options, allowed, fmt::format("{} exists and may be invoked; it was not run", arguments.function));
    return exit_ok;
}

Text_Invoke_Result call(const Lambda& lambda, const Invoke_Arguments& arguments, std::string payload) {
    const Activity activity("running " + arguments.function);
    return invoke_text(lambda, std::move(payload),
                       {.log_type = arguments.logs ? "Tail" : "None", .qualifier = arguments.qualifier});
}

/// Returns the result for --json, on one line. A result that is JSON is copied, not parsed: its numbers and the order
/// of its members stay the same.
std::string json_line(Text_Invoke_Result invoked) {
    Json json = invoked.result.to_json();
    const bool copied = base::is_utf8(invoked.payload) && !wire::json_fault(invoked.payload);
    if (!copied) {
        json["data"] = invoked.payload.empty() ? Json() : Json{{"raw_message", invoked.payload}};
        return base::dump_json_lossy(json);
    }
    json.erase("data");
    // Line breaks in JSON are spaces between values.
    std::ranges::replace_if(
        invoked.payload, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return fmt::format("{{\"data\":{},{}", invoked.payload, std::string_view(base::dump_json_lossy(json)).substr(1));
}

int invoke(const Options& options, const Invoke_Arguments& arguments, const Session& session, std::string payload) {
    const Text_Invoke_Result invoked = call(Lambda(arguments.function, session), arguments, std::move(payload));
    const Invoke_Result& result = invoked.result;
    if (result.status == "error")
        return report_function_error(session, arguments.function, {result.code, result.message, 0});
    if (arguments.logs && !options.json) std::fputs(log_lines(result.log_tail, 2).c_str(), stderr);
    print({}, {}, options.json ? json_line(invoked) : invoked.payload);
    if (result.function_error.empty()) return exit_ok;
    if (options.json) return exit_failed;
    print_note(fmt::format("osbot: {} failed: {}", arguments.function, result.error));
    mention_error_page(result.code);
    return exit_failed;
}

/// Completes the function's name. The only argument may be the payload, for the function of osbot.toml.
Result<Invoke_Arguments> with_function_name(Invoke_Arguments arguments) {
    const bool is_payload = arguments.function == "-" || arguments.function.find_first_of("{[\"@") == 0;
    if (is_payload && arguments.payload.empty()) std::swap(arguments.function, arguments.payload);
    OSBOT_TRY(arguments.function, function_name_of(arguments.function, arguments.stage));
    return arguments;
}

int run_invoke(const Options& options, const Invoke_Arguments& command_line) {
    const auto named = with_function_name(command_line);
    if (!named) return report_usage(named.error());
    const Invoke_Arguments& arguments = *named;
    auto payload = payload_of(arguments);
    if (!payload) return report_usage(payload.error());
    const Session session = make_session(options);
    return with_function_errors(session, arguments.function, [&] {
        const auto act = arguments.asynchronous ? &queue : arguments.dry_run ? &dry_run : &invoke;
        return act(options, arguments, session, *std::move(payload));
    });
}

}  // namespace

void add_invoke(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "invoke", "Call a function and print its result", &run_invoke,
                         "Examples:\n"
                         "  osbot invoke hello '{\"name\": \"Ada\"}'\n"
                         "  osbot invoke hello @event.json --logs     log lines are written to stderr\n"
                         "  echo '{}' | osbot invoke hello -\n"
                         "  osbot invoke hello --event s3 --set bucket=photos --set key=a.jpg\n"
                         "  osbot invoke hello --async                queue the event and return\n"
                         "  osbot invoke '{}' --stage prod            the function of this folder's osbot.toml\n\n"
                         "If the function fails, its error is printed to stdout and the exit code is 1.");
    command.add_option("function FUNCTION", arguments.function,
                       "Name or ARN of the function (default: the only function of this folder's osbot.toml)");
    const Option payload =
        command.add_option("payload JSON", arguments.payload, "JSON, @file, or - for standard input (default {})");
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

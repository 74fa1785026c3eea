#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/error_codes.hpp"
#include "base/local_error.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"
#include "cli/commands/commands.hpp"
#include "cli/functions/function_names.hpp"
#include "cli/functions/logs_follow.hpp"
#include "cli/output/log_text.hpp"
#include "cli/output/terminal.hpp"
#include "cli/project/project_functions.hpp"

namespace osbot_aws::cli {
namespace {

constexpr int default_lines = 100;
constexpr int default_follow_lines = 10;  // like tail -f

struct Logs_Arguments {
    std::string function, pattern, since, stage;
    std::optional<int> lines;
    bool follow = false;
};

/// Parses "90s", "10m", "2h" or "1d". Returns milliseconds, or nothing if the text is malformed.
std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto count = base::parse_number<std::uint32_t>(text.substr(0, text.size() - 1));
    if (!count) return std::nullopt;
    switch (text.back()) {
        case 's':
            return *count * std::int64_t{1'000};
        case 'm':
            return *count * std::int64_t{60'000};
        case 'h':
            return *count * std::int64_t{3'600'000};
        case 'd':
            return *count * std::int64_t{86'400'000};
        default:
            return std::nullopt;
    }
}

using Names = std::vector<std::string>;  ///< empty: all functions

int follow(const Options& options, const Logs_Arguments& arguments, const Names& functions, std::int64_t since_ms) {
    ::signal(SIGINT, [](int) { ::_exit(exit_ok); });
    ::signal(SIGTERM, [](int) { ::_exit(exit_ok); });
    exit_when_stdout_closes();
    // With --since, all lines since that time are shown unless --lines is given.
    const int lines = arguments.lines.value_or(since_ms > 0 ? std::numeric_limits<int>::max() : default_follow_lines);
    return follow_logs(options, {.functions = functions,
                                 .pattern = arguments.pattern,
                                 .lines = static_cast<std::size_t>(std::max(lines, 0)),
                                 .since_ms = since_ms});
}

Json events_of(const Session& session, const std::string& function, const Logs_Arguments& arguments,
               std::int64_t since_ms) {
    return Lambda(function, session).log_group().events({.start_time = since_ms, .filter_pattern = arguments.pattern});
}

/// Returns the events of several functions, by default of all, in the order of time. Each has the member `function`.
Json events_of_several(const Session& session, const Names& functions, const Logs_Arguments& arguments,
                       std::int64_t since_ms) {
    std::vector<Json> all;
    for (const std::string& function : functions.empty() ? Lambda("", session).functions_names() : functions) {
        try {
            for (Json& event : events_of(session, function, arguments, since_ms)) {
                event["function"] = function;
                all.push_back(std::move(event));
            }
        } catch (const Aws_Exception& error) {
            if (error.code() != codes::resource_not_found) throw;  // otherwise the function has not run yet
        }
    }
    std::ranges::stable_sort(all, {}, [](const Json& event) { return event.at("timestamp").get<std::int64_t>(); });
    return all;
}

std::string text_of(const Json& events) {
    std::size_t width = 0;
    for (const Json& event : events) width = std::max(width, event.value("function", "").size());
    std::string text;
    for (const Json& event : events) text += log_line(event, width);
    return text;
}

int report_no_logs(const Session& session, const std::string& function) {
    return report_function_error(
        session, function,
        {codes::resource_not_found,
         fmt::format("no logs found for {}: the function has not run yet or does not exist", function), 404});
}

/// Returns the time of --since in Unix milliseconds, or 0. Errors: InvalidArgument.
Result<std::int64_t> since_ms_of(const Logs_Arguments& arguments) {
    if (arguments.since.empty()) return 0;
    const auto age_ms = parse_duration_ms(arguments.since);
    if (!age_ms)
        return local_error("InvalidArgument", "invalid --since '{}': expected 90s, 10m, 2h or 1d", arguments.since);
    return base::unix_ms(std::chrono::system_clock::now()) - *age_ms;
}

/// Prints the stored events.
int show(const Options& options, const Logs_Arguments& arguments, const Names& functions, std::int64_t since_ms) {
    const Session session = make_session(options);
    Json events;
    try {
        events = functions.size() == 1 ? events_of(session, functions.front(), arguments, since_ms)
                                       : events_of_several(session, functions, arguments, since_ms);
    } catch (const Aws_Exception& error) {
        if (error.code() != codes::resource_not_found || functions.size() != 1) throw;
        return report_no_logs(session, functions.front());
    }
    const auto lines = static_cast<std::size_t>(std::max(arguments.lines.value_or(default_lines), 0));
    if (events.size() > lines && (since_ms == 0 || arguments.lines))
        events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(lines));
    if (events.empty() && !options.json)
        print_note("no log lines");
    else
        print(options, events, text_of(events));
    return exit_ok;
}

int run_logs(const Options& options, const Logs_Arguments& arguments) {
    const auto functions = function_names_of(arguments.function, arguments.stage);
    if (!functions) return report_usage(functions.error());
    const auto since_ms = since_ms_of(arguments);
    if (!since_ms) return report_usage(since_ms.error());
    return (arguments.follow ? &follow : &show)(options, arguments, *functions, *since_ms);
}

}  // namespace

void add_logs(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "logs", "Show the log lines of a function, or of all functions", &run_logs,
                         "Examples:\n"
                         "  osbot logs hello\n"
                         "  osbot logs hello --lines 20 --filter ERROR\n"
                         "  osbot logs --since 10m                  all functions\n"
                         "  osbot logs hello --follow --since 10m   the last 10 minutes, then new lines\n"
                         "  osbot logs --follow                     new lines of all functions\n\n"
                         "With --since, all lines since that time are shown unless --lines is given.");
    command.add_option(
        "function FUNCTION", arguments.function,
        "Name of the function (default: the functions of this folder's osbot.toml; without that file, all "
        "functions)");
    command.add_option("--stage", arguments.stage, "Show the logs of FUNCTION__STAGE");
    command.add_option("--lines N", arguments.lines, "Show the last N lines (default 100; with --follow 10)");
    command.add_option("--since AGE", arguments.since, "Show lines newer than this: 90s, 10m, 2h, 1d");
    command.add_option("--filter", arguments.pattern, "Show lines that contain these terms");
    command.add_flag("--follow,-f", arguments.follow, "Follow new lines until Ctrl-C");
}

}  // namespace osbot_aws::cli

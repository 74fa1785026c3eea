#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/numbers.hpp"
#include "base/time_text.hpp"
#include "cli/commands.hpp"
#include "cli/log_text.hpp"
#include "cli/logs_follow.hpp"

namespace osbot_aws::cli {
namespace {

constexpr int lines_usual = 100;
constexpr int follow_lines_usual = 10;  // as tail -f

struct Arguments {
    std::string function, pattern, since;
    std::optional<int> lines;
    bool follow = false;
};

/// "90s", "10m", "2h", "1d": how long ago, in milliseconds; nothing: it is not like that.
std::optional<std::int64_t> milliseconds_of(std::string_view text) {
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

int follow(const Options& options, const Arguments& arguments, std::int64_t since_ms) {
    ::signal(SIGINT, [](int) { ::_exit(exit_ok); });
    ::signal(SIGTERM, [](int) { ::_exit(exit_ok); });
    end_with_reader();
    // What --since names is wanted whole, unless --lines says otherwise.
    const int lines = arguments.lines.value_or(since_ms > 0 ? std::numeric_limits<int>::max() : follow_lines_usual);
    return follow_logs(options, {.function = arguments.function,
                                 .pattern = arguments.pattern,
                                 .lines = static_cast<std::size_t>(std::max(lines, 0)),
                                 .since_ms = since_ms});
}

int run(const Options& options, const Arguments& arguments) {
    std::int64_t since_ms = 0;
    if (!arguments.since.empty()) {
        const auto ago = milliseconds_of(arguments.since);
        if (!ago)
            return report_usage(
                {"InvalidArgument", fmt::format("--since {}: it is like 90s, 10m, 2h or 1d", arguments.since), 0});
        since_ms = base::unix_ms(std::chrono::system_clock::now()) - *ago;
    }
    if (arguments.follow) return follow(options, arguments, since_ms);
    const Session session = make_session(options);
    Json events;
    try {
        events = Lambda(arguments.function, session)
                     .log_group()
                     .events({.start_time = since_ms, .filter_pattern = arguments.pattern});
    } catch (const Aws_Exception& failed) {
        if (failed.code() != "ResourceNotFoundException") throw;
        return report({"ResourceNotFoundException",
                       fmt::format("{} has written no logs, or there is no such function", arguments.function), 404});
    }
    const auto lines = static_cast<std::size_t>(std::max(arguments.lines.value_or(lines_usual), 0));
    if (events.size() > lines && (since_ms == 0 || arguments.lines))
        events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(lines));
    std::string text;
    for (const Json& event : events) text += log_line(event);
    print(options, events, text);
    return exit_ok;
}

}  // namespace

void add_logs(Command_Line& line) {
    Command command =
        line.root().add_command("logs", "Show what a function has written",
                                "Examples:\n"
                                "  osbot logs hello\n"
                                "  osbot logs hello --lines 20 --filter ERROR\n"
                                "  osbot logs hello --follow --since 10m   what it writes from now on, too\n");
    Arguments& arguments = line.runs(command, &run);
    command.add_option("function", arguments.function, "Name of the function").required().type_name("FUNCTION");
    command.add_option("--lines", arguments.lines, "The newest so many (default 100; with --follow 10)");
    command.add_option("--since", arguments.since, "No older ones: 90s, 10m, 2h, 1d; all of those without --lines")
        .type_name("AGO");
    command.add_option("--filter", arguments.pattern, "Only lines with these terms");
    command.add_flag("--follow,-f", arguments.follow, "Go on with what comes, until Ctrl-C");
}

}  // namespace osbot_aws::cli

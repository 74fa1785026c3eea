// How what a function has written is shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <osbot_aws/core/Json.hpp>

#include "cli/terminal.hpp"

namespace osbot_aws::cli {

/// Of a line by what it says of itself: errors red, warnings yellow, what Lambda itself writes (START, END, REPORT)
/// dim; nothing: as it is. The level is the `level` of a JSON line, or one of the first words, as Lambda's runtimes
/// write it. Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
std::optional<Colour> log_colour(std::string_view line);

/// A log event as a line of text, with its time and a newline, coloured where standard output may have colours.
std::string log_line(const Json& event);

/// Lines of a log, each coloured where that stream (1 or 2) may have colours.
std::string log_lines(std::string_view lines, int stream);

}  // namespace osbot_aws::cli

// Formats and colours the log lines of functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <osbot_aws/core/Json.hpp>

#include "cli/output/terminal.hpp"

namespace osbot_aws::cli {

/// Returns the colour of a log line: red for errors, yellow for warnings, dim for Lambda's own lines (START, END,
/// REPORT), nothing for other lines. The level is the `level` of a JSON line, or one of the first words, where Lambda's
/// runtimes write it. Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
std::optional<Colour> log_colour(std::string_view line);

/// Formats a log event as a line with its time and a newline, in colour if standard output has colours. A carriage
/// return within the text is a line break, as some runtimes write it between the lines of a record. If the event has
/// the member `function`, each line of its text starts with that name, in a column of `name_width` characters.
std::string log_line(const Json& event, std::size_t name_width = 0);

/// Colours each line of a log, if that stream (1 or 2) has colours. A carriage return within a line is a line break.
std::string log_lines(std::string_view log, int stream);

}  // namespace osbot_aws::cli

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/line/options.hpp"

namespace osbot_aws::cli {

struct Follow_Arguments {
    std::vector<std::string> functions;  ///< empty: all functions, also those that are created later
    std::string pattern;
    std::size_t lines = 0;      ///< how many existing lines are printed first
    std::int64_t since_ms = 0;  ///< older lines are not printed; Unix time
    /// Called once, possibly on another thread, when lines that are written from now on will be printed.
    std::function<void()> on_started = {};
};

/// Prints the existing log lines of functions, then new lines as they arrive, until the process exits. The local engine
/// and AWS push lines (StartLiveTail). If the service rejects that, polls FilterLogEvents and reports it on stderr.
/// Reconnects when the connection breaks, for example when the engine restarts, without losing or repeating lines.
/// Unless one function is named, each line starts with the name of its function; functions that do not exist are
/// omitted, and with all functions new ones are looked up every 5 seconds.
/// Returns the exit code if the function, or each of several, does not exist, or if the tail fails with any other
/// error. Throws Aws_Exception if FilterLogEvents fails.
int follow_logs(const Options& options, const Follow_Arguments& arguments);

/// Exits the process with code 0 when the reader of standard output closes it, even while there is nothing to print.
void exit_when_stdout_closes();

}  // namespace osbot_aws::cli

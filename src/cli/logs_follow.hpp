#pragma once

#include <cstdint>
#include <string>

#include "cli/options.hpp"

namespace osbot_aws::cli {

struct Follow_Arguments {
    std::string function, pattern;
    std::size_t lines = 0;      ///< so many of those before now are shown first
    std::int64_t since_ms = 0;  ///< none of those before is
};

/// Shows what a function writes, as it comes, and first what it has written; until the process ends. The local engine
/// and AWS push (StartLiveTail); where that is refused FilterLogEvents is asked now and then, which stderr is told.
/// Goes on where it was when the connection breaks off, as at a restart of the engine. Nothing is left out or shown
/// twice. Answers only when there is no such function, or the service refuses both.
int follow_logs(const Options& options, const Follow_Arguments& arguments);

/// Ends this process, with exit code 0, once nobody reads its standard output any more, though nothing is written.
void end_with_reader();

}  // namespace osbot_aws::cli

#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::base {

/// A program to run to its end: a foreign one as well, so nothing of it outlives the call.
struct Program {
    std::vector<std::string> argv;                        ///< the first is looked for on PATH unless it has a `/`
    std::optional<std::vector<std::string>> environment;  ///< `NAME=value`; none: this process's own
    std::filesystem::path folder = {};                    ///< where it runs; empty: here
    std::string input = {};                               ///< its standard input; empty: /dev/null
    std::chrono::milliseconds time_max{60'000};           ///< afterwards it and its children are killed
    std::size_t output_bytes_max = 16'000'000;            ///< of each stream; what comes later is dropped
    bool output_together = false;                         ///< standard error goes into `output`, in order
};

struct Program_End {
    int exit_code = 0;  ///< 128 + the signal's number when one ended it, as a shell says
    std::string output;
    std::string errors;
    bool timed_out = false;
};

/// Runs it in a process group of its own and waits. Errors: NotExecutable when it can't be started.
Result<Program_End> run_program(const Program& program);

}  // namespace osbot_aws::base

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

/// A program to run until it exits. It may be untrusted, so all its processes are killed before run_program() returns.
struct Program {
    std::vector<std::string> argv;                        ///< argv[0] is searched for on PATH unless it contains `/`
    std::optional<std::vector<std::string>> environment;  ///< `NAME=value`; nullopt: this process's environment
    std::filesystem::path folder = {};                    ///< working directory; empty: that of this process
    std::string input = {};                               ///< standard input; empty: /dev/null
    std::chrono::milliseconds time_max{60'000};           ///< time limit; the program and its children are then killed
    std::size_t output_bytes_max = 16'000'000;            ///< limit per stream; further output is dropped
    bool output_together = false;                         ///< standard error is added to `output`, in order
};

/// While it is set, run_program() of this thread ends its program as at the time limit when the descriptor is readable.
/// A worker thread sets it, so that the end of the engine does not wait for a download. -1: none.
inline thread_local int cancellation_fd = -1;

struct Program_End {
    int exit_code = 0;  ///< as in a shell: 128 + the signal number if a signal killed it
    std::string output;
    std::string errors;
    bool timed_out = false;
};

/// Runs a program in a separate process group and waits for it. Errors: NotExecutable if it cannot be started.
Result<Program_End> run_program(const Program& program);

}  // namespace osbot_aws::base

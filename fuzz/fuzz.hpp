#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// The two functions of a fuzz target. smoke.cpp runs each target under ctest with mutations of its seeds; clang's
// libFuzzer runs it without a time limit (CONTRIBUTING.md).

/// Returns valid inputs to start from, so that mutations pass the first checks of a parser.
std::vector<std::string> seeds();
/// Runs the code under test on any bytes, and checks its invariants with require().
void run_target(std::string_view bytes);

/// Aborts the program if the condition is false, so that the fuzzer stores the input.
#define require(condition)                                                       \
    do {                                                                         \
        if (!(condition)) {                                                      \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                        \
        }                                                                        \
    } while (false)

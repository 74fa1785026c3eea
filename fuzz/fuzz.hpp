#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// What a fuzz target is made of. smoke.cpp runs each under ctest with mutations of its seeds; clang's libFuzzer runs
// the same function for as long as one likes (CONTRIBUTING.md).

/// Inputs to begin with: good ones, so that mutations reach far.
std::vector<std::string> seeds();
/// Takes any bytes; what must hold for them is checked with require().
void take(std::string_view bytes);

/// Ends the program, so that the input which broke it is kept.
#define require(condition)                                                       \
    do {                                                                         \
        if (!(condition)) {                                                      \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                        \
        }                                                                        \
    } while (false)

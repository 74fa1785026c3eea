#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The two functions of a fuzz target. smoke.cpp runs each target under ctest with its corpus and with mutations of it;
// clang's libFuzzer runs it for minutes or hours (docs/development/fuzzing.md).

/// Returns inputs in addition to the files of corpus/<target>: those at a limit, which would be large files.
std::vector<std::string> seeds();
/// Runs the code under test on any bytes, and checks its invariants with require().
void run_target(std::string_view bytes);

/// Aborts the program if the condition is false, so that the fuzzer stores the input. A function, because Asio uses the
/// name as well; the builtins, because clang 14 lacks std::source_location.
inline void require(bool condition, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    if (condition) return;
    std::fprintf(stderr, "%s:%d: an invariant does not hold\n", file, line);
    std::abort();
}

/// Aborts the program if the time of `parse` is not linear in the size of its input: a text repeated 32 times must not
/// take more than twice as long, for each byte, as the text repeated 8 times. Only libFuzzer measures, for one in 64
/// inputs, because the tests of ctest measure no time.
void require_linear_time(std::string_view text, const std::function<void(std::string_view)>& parse);

/// Returns `levels` times `open`, then `levels` times `close`: nested(2, "[", "]") is "[[]]".
inline std::string nested(std::size_t levels, std::string_view open, std::string_view close,
                          std::string_view innermost = "") {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += innermost;
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text;
}

/// Returns `count` times `text`.
inline std::string repeated(std::size_t count, std::string_view text) { return nested(count, text, ""); }

/// Splits an input for a parser of two texts: the first line, and the rest.
inline std::pair<std::string_view, std::string_view> first_line_and_rest(std::string_view bytes) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return {bytes, {}};
    return {bytes.substr(0, end), bytes.substr(end + 1)};
}

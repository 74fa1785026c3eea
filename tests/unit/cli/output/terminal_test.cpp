#include "cli/output/terminal.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

namespace osbot_aws::cli {
namespace {

struct Terminal_Test : testing::Test {
    Terminal_Test() {
        for (const char* name : {"NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "CLICOLOR"}) ::unsetenv(name);
        ::setenv("TERM", "xterm", 1);
    }
};

TEST_F(Terminal_Test, pipe_has_no_colours_unless_forced) {
    EXPECT_EQ(painted("x", Colour::red, -1), "x");
    ::setenv("FORCE_COLOR", "1", 1);
    EXPECT_EQ(painted("x", Colour::red, -1), "\033[31mx\033[0m");
    ::setenv("FORCE_COLOR", "0", 1);
    EXPECT_FALSE(has_colours(-1));
    ::setenv("CLICOLOR_FORCE", "1", 1);
    EXPECT_TRUE(has_colours(-1));
}

TEST_F(Terminal_Test, no_color_overrides_forced_colours) {
    ::setenv("CLICOLOR_FORCE", "1", 1);
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(has_colours(-1));
}

TEST_F(Terminal_Test, columns_are_aligned_by_characters_not_bytes) {
    EXPECT_EQ(table({{"a", "bb", "c"}, {"äöü", "b", "d"}}, 0), "a    bb  c\näöü  b   d\n");
    EXPECT_EQ(table({}, 80), "");
}

TEST_F(Terminal_Test, truncates_long_lines_on_a_terminal_only) {
    EXPECT_EQ(table({{"name", "äöü456789"}}, 10), "name  äöü…\n");
    EXPECT_EQ(table({{"name", "1234"}}, 10), "name  1234\n");
    EXPECT_EQ(table({{"name", "123456789"}}, 0), "name  123456789\n");
}

TEST_F(Terminal_Test, wraps_between_words_only) {
    const std::string text = "one two /a/path/that/is/longer/than/a/line äöü four";
    EXPECT_EQ(wrapped(text, 16, 4, 2), "one two\n  /a/path/that/is/longer/than/a/line\n  äöü four");
    EXPECT_EQ(wrapped(text, 0, 4, 2), text);
    EXPECT_EQ(wrapped("", 10, 4, 2), "");
}

TEST_F(Terminal_Test, word_that_fills_the_line_is_not_moved) {
    EXPECT_EQ(wrapped("12345 123", 5, 0, 0), "12345\n123");
    EXPECT_EQ(wrapped("123 12345", 9, 0, 0), "123 12345");
}

}  // namespace
}  // namespace osbot_aws::cli

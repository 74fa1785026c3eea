#include "cli/terminal.hpp"

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

}  // namespace
}  // namespace osbot_aws::cli

#include "cli/help/help_text.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::cli {
namespace {

TEST(Help_Text, keeps_the_text_without_a_terminal) {
    const std::string text = "Usage: osbot\n  --lines N    " + std::string(200, 'x') + "\n";
    EXPECT_EQ(wrapped_help(text, 0), text);
}

TEST(Help_Text, aligns_continuations_with_the_second_column) {
    EXPECT_EQ(wrapped_help("  --lines N   Show the last lines of the log\n", 30),
              "  --lines N   Show the last\n"
              "              lines of the log\n");
}

TEST(Help_Text, moves_a_far_column_to_the_next_line) {
    EXPECT_EQ(wrapped_help("  osbot deploy ./hello.py     deploy a file\n", 30),
              "  osbot deploy ./hello.py\n"
              "      deploy a file\n");
}

TEST(Help_Text, aligns_the_description_after_a_name_that_fills_its_column) {
    EXPECT_EQ(wrapped_help("  --seconds SECONDS:1 to 1000 Show N messages at most (default 10)\n", 60),
              "  --seconds SECONDS:1 to 1000 Show N messages at most\n"
              "                              (default 10)\n");
}

TEST(Help_Text, indents_the_continuation_of_an_example) {
    EXPECT_EQ(wrapped_help("  osbot init hello --folder lambdas/hello\n", 30),
              "  osbot init hello --folder\n"
              "      lambdas/hello\n");
}

TEST(Help_Text, moves_a_far_explanation_below_its_example) {
    EXPECT_EQ(wrapped_help("  osbot local start --port 0\n                    listen on a free port\n", 30),
              "  osbot local start --port 0\n"
              "      listen on a free port\n");
}

TEST(Help_Text, joins_the_lines_of_a_long_paragraph) {
    EXPECT_EQ(wrapped_help("one two three four five\nsix seven\n\nOptions:\n  --x  y\n", 20),
              "one two three four\nfive six seven\n\nOptions:\n  --x  y\n");
}

TEST(Help_Text, indents_the_items_of_a_list) {
    EXPECT_EQ(wrapped_help("- one two three four\n  five six\n- seven\n- eight nine ten eleven\n", 14),
              "- one two\n  three four\n  five six\n- seven\n- eight nine\n  ten eleven\n");
}

TEST(Help_Text, keeps_spaces_at_each_width) {
    const std::string words = "a bb ccc dddd eeeee f gg hhh iiii jjjjj";
    for (std::size_t width = 8; width < 60; ++width) {
        std::string wrapped = wrapped_help("  --option-name   " + words, width), joined;
        for (std::size_t at = 0; at < wrapped.size(); ++at)
            if (wrapped[at] != '\n' && wrapped[at] != ' ') joined += wrapped[at];
        EXPECT_EQ(joined, "--option-nameabbcccddddeeeeefgghhhiiiijjjjj") << width;
        EXPECT_THAT(wrapped, testing::Not(testing::HasSubstr("abb"))) << width;
    }
}

}  // namespace
}  // namespace osbot_aws::cli

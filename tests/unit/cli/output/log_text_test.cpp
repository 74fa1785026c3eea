#include "cli/output/log_text.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace osbot_aws::cli {
namespace {

TEST(Log_Text_Test, runtime_errors_are_red_and_warnings_yellow) {
    // The formats of Lambda's Python, Node.js and Java runtimes, and of spdlog.
    for (const char* line :
         {"[ERROR] ValueError: no such order\nTraceback (most recent call last):",
          "[ERROR]\t2026-11-25T10:00:00.123Z\t79b4f56e\tno such order",
          "2026-11-25T10:00:00.123Z\t79b4f56e\tERROR\tno such order", "ERROR: no such order", "CRITICAL no such order"})
        EXPECT_EQ(log_colour(line), Colour::red) << line;
    EXPECT_EQ(log_colour("[WARNING]\t2026-11-25T10:00:00.123Z\t79b4f56e\tslow"), Colour::yellow);
    EXPECT_EQ(log_colour("2026-11-25T10:00:00.123Z\t79b4f56e\tWARN\tslow"), Colour::yellow);
}

TEST(Log_Text_Test, platform_lines_are_dim) {
    EXPECT_EQ(log_colour("START RequestId: 79b4f56e Version: $LATEST"), Colour::dim);
    EXPECT_EQ(log_colour("REPORT RequestId: 79b4f56e\tDuration: 1.00 ms"), Colour::dim);
    EXPECT_EQ(log_colour(R"({"time":"2026-11-25T10:00:00.123Z","type":"platform.report","record":{}})"), Colour::dim);
}

TEST(Log_Text_Test, json_line_has_the_colour_of_its_level) {
    EXPECT_EQ(log_colour(R"({"level":"ERROR","message":"no"})"), Colour::red);
    EXPECT_EQ(log_colour(R"({"level":"warn","message":"slow"})"), Colour::yellow);
    EXPECT_EQ(log_colour(R"({"level":"INFO","message":"ERROR"})"), std::nullopt);
    EXPECT_EQ(log_colour(R"({"level":50,"message":"pino"})"), std::nullopt);
    EXPECT_EQ(log_colour("{ERROR: no JSON}"), std::nullopt);
}

TEST(Log_Text_Test, level_word_in_the_message_is_ignored) {
    EXPECT_EQ(log_colour("the order had no ERROR at all"), std::nullopt);
    EXPECT_EQ(log_colour("ERRORS: 0"), std::nullopt);
    EXPECT_EQ(log_colour("Started"), std::nullopt);
    EXPECT_EQ(log_colour(""), std::nullopt);
}

TEST(Log_Text_Test, colours_each_line_unless_colours_are_disabled) {
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_EQ(log_lines("START x\n[ERROR] y\n\nz", 2), "START x\n[ERROR] y\n\nz");
    ::unsetenv("NO_COLOR");
    ::setenv("FORCE_COLOR", "1", 1);
    EXPECT_EQ(log_lines("START x\n[ERROR] y\n\nz", 2), "\033[2mSTART x\033[0m\n\033[31m[ERROR] y\033[0m\n\nz");
    EXPECT_EQ(log_line({{"timestamp", 0}, {"message", "[ERROR] y\n"}}),
              "1970-01-01T00:00:00.000Z \033[31m[ERROR] y\033[0m\n");
    ::unsetenv("FORCE_COLOR");
}

TEST(Log_Text_Test, carriage_return_breaks_a_line) {
    EXPECT_EQ(log_lines("one\rtwo\r\nthree\r", 2), "one\ntwo\r\nthree\r");
    EXPECT_EQ(log_line({{"timestamp", 0}, {"message", "one\rtwo\n"}, {"function", "f"}}),
              "f 1970-01-01T00:00:00.000Z one\nf two\n");
}

}  // namespace
}  // namespace osbot_aws::cli

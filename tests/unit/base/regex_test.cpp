#include "base/regex.hpp"

#include <gmock/gmock.h>

#include <string>

namespace osbot_aws::base {
namespace {

bool matches(std::string_view pattern, std::string_view text) { return Regex::compile(pattern).value().matches(text); }

TEST(Regex_Test, matches_whole_texts) {
    EXPECT_TRUE(matches("[a-z]+", "abc"));
    EXPECT_FALSE(matches("[a-z]+", "abc1"));
    EXPECT_FALSE(matches("[a-z]+", ""));
    EXPECT_TRUE(matches("", ""));
    EXPECT_TRUE(matches("()|x", ""));
}

TEST(Regex_Test, chooses_alternatives_and_groups) {
    EXPECT_TRUE(matches("(ab|cd)*e", "abcdabe"));
    EXPECT_FALSE(matches("(ab|cd)*e", "abce"));
    EXPECT_TRUE(matches("(?:ab)?c", "c"));
    EXPECT_TRUE(matches("(\\$LATEST|[0-9]+)", "$LATEST"));
    EXPECT_FALSE(matches("(\\$LATEST|[0-9]+)", "LATEST"));
}

TEST(Regex_Test, counts_repetitions) {
    EXPECT_TRUE(matches("\\d{12}", "123456789012"));
    EXPECT_FALSE(matches("\\d{12}", "12345678901"));
    EXPECT_FALSE(matches("\\d{12}", "1234567890123"));
    EXPECT_TRUE(matches("a{2,3}", "aaa"));
    EXPECT_FALSE(matches("a{2,3}", "aaaa"));
    EXPECT_TRUE(matches("a{2,}", "aaaaa"));
    EXPECT_TRUE(matches("(x?){0,50}", ""));
}

TEST(Regex_Test, reads_classes) {
    EXPECT_TRUE(matches("[a-zA-Z0-9-_]+", "a-_Z9"));
    EXPECT_TRUE(matches("[\\w-_]*", "a-_Z9"));
    EXPECT_TRUE(matches("[^:*]*", "abc"));
    EXPECT_FALSE(matches("[^:*]*", "a:c"));
    EXPECT_TRUE(matches("[\\s\\S]*", "a\nb"));
    EXPECT_FALSE(matches(".*", "a\nb"));
    EXPECT_TRUE(matches("[\\x21-\\x7E]+", "!~"));
    EXPECT_FALSE(matches("[\\u0020-\\u007E]+", "\x1F"));
}

TEST(Regex_Test, knows_unicode) {
    EXPECT_TRUE(matches("[\\p{L}\\p{Z}\\p{N}]*", "Grüße 日本 ٣"));
    EXPECT_FALSE(matches("[\\p{L}]*", "😀"));
    EXPECT_TRUE(matches("[\\u00A1-\\u00FF]+", "ÿ"));
    EXPECT_TRUE(matches(".", "😀"));
    EXPECT_FALSE(matches(".", "\xFF"));
}

TEST(Regex_Test, anchors_hold_at_the_ends) {
    EXPECT_TRUE(matches("^a$|^b$", "b"));
    EXPECT_FALSE(matches("a^b", "ab"));
    EXPECT_TRUE(matches("$|x", ""));
}

// A backtracking matcher takes 2^n steps for these.
TEST(Regex_Test, takes_linear_time) {
    const std::string text(20'000, 'a');
    EXPECT_FALSE(matches("(a*)*b", text));
    EXPECT_FALSE(matches("(a|a)*b", text));
    EXPECT_FALSE(matches("(a?){30}a{30}b", text));
}

TEST(Regex_Test, rejects_unsupported_syntax) {
    for (const char* pattern :
         {"(?=a)", "(?!a)", "(a", "a)", "[a", "[]", "*a", "a{3,2}", "\\k", "\\p{Q}", "\\u12", "[z-a]"})
        EXPECT_EQ(Regex::compile(pattern).error().code, "InvalidPattern") << pattern;
}

TEST(Regex_Test, has_limits) {
    std::string nested;
    for (int i = 0; i < 100; ++i) nested += "(";
    EXPECT_THAT(Regex::compile(nested).error().message, ::testing::HasSubstr("nested too deeply"));
    EXPECT_THAT(Regex::compile("((((a{1000}){1000}){1000}){1000})").error().message,
                ::testing::HasSubstr("too many states"));
    EXPECT_THAT(Regex::compile("a{100000}").error().message, ::testing::HasSubstr("invalid repetition"));
}

}  // namespace
}  // namespace osbot_aws::base

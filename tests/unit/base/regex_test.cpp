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
    EXPECT_TRUE(Regex::compile("a+?*"));
    EXPECT_THAT(Regex::compile("a" + std::string(9000, '*')).error().message,
                ::testing::HasSubstr("too many quantifiers"));
}

// Repetitions of parts without a state.
TEST(Regex_Test, has_a_limit_of_repetitions) {
    for (const char* part : {"(?:)", "(?:a{0})"}) {
        std::string pattern = part;
        for (int i = 0; i < 5; ++i) pattern = "(?:" + pattern + "{1000})";
        EXPECT_THAT(Regex::compile(pattern).error().message, ::testing::HasSubstr("too many repetitions"));
        EXPECT_FALSE(Regex::compile_search(pattern + "+"));
    }
}

/// Returns the match and its groups, separated by '|'; "-" for a group without a part in it.
std::string found(std::string_view pattern, std::string_view text) {
    const auto groups = Regex::compile_search(pattern).value().search(text);
    if (!groups) return "none";
    std::string all;
    for (const std::string_view group : *groups) all += "|" + (group.data() ? std::string(group) : "-");
    return all.substr(1);
}

TEST(Regex_Test, search_returns_the_leftmost_match_with_its_groups) {
    EXPECT_EQ(found("b+", "abbbcbb"), "bbb");
    EXPECT_EQ(found("(\\d+)-(\\d+)", "x 10-20 30-40"), "10-20|10|20");
    EXPECT_EQ(found("(a)|(b)", "cb"), "b|-|b");
    EXPECT_EQ(found("z", "abc"), "none");
    EXPECT_EQ(found("^b", "ab"), "none");
    EXPECT_EQ(found("c$", "abc"), "c");
    EXPECT_EQ(found("", "abc"), "");
}

TEST(Regex_Test, search_has_the_priorities_of_a_backtracking_matcher) {
    EXPECT_EQ(found("a|ab", "ab"), "a");
    EXPECT_EQ(found("(a+)(a*)", "aaa"), "aaa|aaa|");
    EXPECT_EQ(found("(a+?)(a*)", "aaa"), "aaa|a|aa");
    EXPECT_EQ(found("<(.*?)>", "<a><b>"), "<a>|a");
    EXPECT_EQ(found("<(.*)>", "<a><b>"), "<a><b>|a><b");
    EXPECT_EQ(found("(x{1,2}?)", "xx"), "x|x");
}

TEST(Regex_Test, search_reads_names_flags_and_boundaries) {
    const auto regex = Regex::compile_search("(?<code>\\d+) (?P<took>\\w+) (\\S+)").value();
    EXPECT_THAT(regex.group_names(), testing::ElementsAre("code", "took", ""));
    EXPECT_EQ(found("(?i)error", "An ERROR"), "ERROR");
    EXPECT_EQ(found("(?i)[^a]", "Ab"), "b");
    EXPECT_EQ(found("\\bcat\\b", "concat cat"), "cat");
    EXPECT_EQ(found("\\Bcat", "concat cat"), "cat");
    EXPECT_EQ(found("\\D+", "12ab3"), "ab");
    EXPECT_EQ(found("\\W", "ab c"), " ");
    EXPECT_EQ(found("a\\tb", "a\tb"), "a\tb");
    EXPECT_EQ(found("(..)", "\xFFgrü"), "\xFFg|\xFFg");  // a byte that is not UTF-8 counts as a character
}

TEST(Regex_Test, search_takes_linear_time) {
    const std::string text(20'000, 'a');
    EXPECT_EQ(found("(a*)*b", text), "none");
    EXPECT_EQ(found("(a|a)*c", text), "none");
}

TEST(Regex_Test, search_has_a_limit_of_states_and_groups) {
    std::string groups = "(.)";
    for (int i = 1; i < 100; ++i) groups += "|(.)";
    EXPECT_TRUE(Regex::compile_search(groups));
    EXPECT_THAT(Regex::compile_search("(?:" + groups + "){40}").error().message,
                ::testing::HasSubstr("too many states and groups"));
}

TEST(Regex_Test, search_rejects_invalid_patterns) {
    for (const char* pattern : {"(", "(?<>a)", "(?<a", "(?<a b>x)", "(?=a)", "\\1", "a**b["})
        EXPECT_FALSE(Regex::compile_search(pattern)) << pattern;
    EXPECT_FALSE(Regex::compile("(?<a>x)"));
    EXPECT_FALSE(Regex::compile("\\bx"));
}

}  // namespace
}  // namespace osbot_aws::base

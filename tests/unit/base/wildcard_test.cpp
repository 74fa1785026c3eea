#include "base/wildcard.hpp"

#include <gtest/gtest.h>

namespace osbot_aws::base {
namespace {

TEST(Wildcard_Test, star_matches_any_text) {
    EXPECT_TRUE(matches_wildcards("a*c", "abbc"));
    EXPECT_TRUE(matches_wildcards("*", ""));
    EXPECT_TRUE(matches_wildcards("a**", "a"));
    EXPECT_FALSE(matches_wildcards("a*c", "abb"));
    EXPECT_FALSE(matches_wildcards("", "a"));
}

TEST(Wildcard_Test, question_mark_matches_one_byte_if_requested) {
    EXPECT_TRUE(matches_wildcards("a?c*", "abc", true));
    EXPECT_FALSE(matches_wildcards("a?c", "ac", true));
    EXPECT_FALSE(matches_wildcards("a?c", "abc"));
    EXPECT_TRUE(matches_wildcards("a?c", "a?c"));
}

}  // namespace
}  // namespace osbot_aws::base

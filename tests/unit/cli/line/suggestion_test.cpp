#include "cli/line/suggestion.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::cli {
namespace {

const std::vector<std::string> commands{"deploy", "delete", "invoke", "info", "logs", "list", "local", "url"};

TEST(Suggestion_Test, distance_counts_edits_and_swapped_neighbours) {
    EXPECT_EQ(edit_distance("deploy", "deploy"), 0U);
    EXPECT_EQ(edit_distance("depoy", "deploy"), 1U);
    EXPECT_EQ(edit_distance("deplooy", "deploy"), 1U);
    EXPECT_EQ(edit_distance("deplay", "deploy"), 1U);
    EXPECT_EQ(edit_distance("delpoy", "deploy"), 1U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
}

TEST(Suggestion_Test, suggests_the_nearest_word_for_a_typing_error) {
    EXPECT_EQ(did_you_mean("depoly", commands), "deploy");
    EXPECT_EQ(did_you_mean("invok", commands), "invoke");
    EXPECT_EQ(did_you_mean("lst", commands), "list");
    EXPECT_EQ(did_you_mean("log", commands), "logs");
}

TEST(Suggestion_Test, suggests_nothing_for_an_unrelated_word) {
    EXPECT_EQ(did_you_mean("banana", commands), "");
    EXPECT_EQ(did_you_mean("deploy", {}), "");
    EXPECT_EQ(did_you_mean("x", commands), "");
}

TEST(Suggestion_Test, message_has_the_word_and_the_suggestion) {
    EXPECT_EQ(unknown_name("command", "depoly", commands), "unknown command 'depoly'; did you mean 'deploy'?");
    EXPECT_EQ(unknown_name("command", "banana", commands), "unknown command 'banana'");
}

}  // namespace
}  // namespace osbot_aws::cli

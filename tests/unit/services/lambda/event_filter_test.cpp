#include "services/lambda/event_filter.hpp"

#include <gtest/gtest.h>

#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

// The cases of https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
struct Case {
    const char *pattern, *event;
    bool matches;
};
struct Pattern_Test : testing::TestWithParam<Case> {};

TEST_P(Pattern_Test, matches_expected_events) {
    const Json pattern = Json::parse(GetParam().pattern);
    ASSERT_EQ(pattern_fault(pattern), std::nullopt);
    EXPECT_EQ(matches_pattern(pattern, Json::parse(GetParam().event)), GetParam().matches)
        << GetParam().pattern << " and " << GetParam().event;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Pattern_Test,
    testing::Values(
        Case{R"({"a": ["x", "y"]})", R"({"a": "y", "b": 1})", true}, Case{R"({"a": ["x"]})", R"({"a": "X"})", false},
        Case{R"({"a": [null]})", R"({"a": null})", true}, Case{R"({"a": [null]})", R"({})", false},
        Case{R"({"a": [""]})", R"({"a": ""})", true}, Case{R"({"a": [1]})", R"({"a": 1.0})", true},
        Case{R"({"a": [1]})", R"({"a": "1"})", false},
        Case{R"({"a": ["x"], "b": ["y"]})", R"({"a": "x", "b": "z"})", false},
        Case{R"({"a": {"b": ["x"]}})", R"({"a": {"b": "x"}})", true},
        Case{R"({"a": {"b": ["x"]}})", R"({"a": "x"})", false},
        Case{R"({"a": {"b": [{"exists": false}]}})", R"({})", true}, Case{R"({"a": {"b": ["x"]}})", R"({})", false},
        Case{R"({"$or": [{"a": ["x"]}, {"b": ["y"]}]})", R"({"b": "y"})", true},
        Case{R"({"$or": [{"a": ["x"]}, {"b": ["y"]}]})", R"({"b": "x"})", false},
        Case{R"({"a": [{"anything-but": ["x", "y"]}]})", R"({"a": "z"})", true},
        Case{R"({"a": [{"anything-but": ["x", "y"]}]})", R"({"a": "y"})", false},
        Case{R"({"a": [{"anything-but": ["x"]}]})", R"({})", false},
        Case{R"({"a": [{"anything-but": {"prefix": "x"}}]})", R"({"a": "xy"})", false},
        Case{R"({"a": [{"numeric": ["=", 100]}]})", R"({"a": 100})", true},
        Case{R"({"a": [{"numeric": [">", 10, "<=", 20]}]})", R"({"a": 20})", true},
        Case{R"({"a": [{"numeric": [">", 10, "<=", 20]}]})", R"({"a": 10})", false},
        Case{R"({"a": [{"numeric": ["<", 10]}]})", R"({"a": "5"})", false},
        Case{R"({"a": [{"exists": true}]})", R"({"a": null})", true},
        Case{R"({"a": [{"exists": true}]})", R"({})", false}, Case{R"({"a": [{"exists": false}]})", R"({})", true},
        Case{R"({"a": [{"exists": false}]})", R"({"a": 1})", false},
        Case{R"({"a": [{"prefix": "us-"}]})", R"({"a": "us-east-1"})", true},
        Case{R"({"a": [{"prefix": "us-"}]})", R"({"a": 5})", false},
        Case{R"({"a": [{"suffix": ".png"}]})", R"({"a": "x.png"})", true},
        Case{R"({"a": [{"equals-ignore-case": "AbC"}]})", R"({"a": "aBc"})", true},
        Case{R"({"a": [{"equals-ignore-case": "ab"}]})", R"({"a": "abc"})", false},
        Case{R"({"a": ["x"]})", R"({"a": ["y", "x"]})", true}, Case{R"({"a": ["x"]})", R"({"a": ["y"]})", false}));

TEST(Event_Filter_Test, json_body_is_matched_by_members_and_text_body_by_value) {
    const auto filter = Event_Filter::parse({R"({"body": {"n": [1]}})", R"({"body": [{"prefix": "plain"}]})"}).value();
    EXPECT_TRUE(filter.matches_message(R"({"n": 1})"));
    EXPECT_FALSE(filter.matches_message(R"({"n": 2})"));
    EXPECT_TRUE(filter.matches_message("plain text"));
    EXPECT_FALSE(filter.matches_message("other text"));
    EXPECT_TRUE(Event_Filter().matches_message("anything"));
}

TEST(Event_Filter_Test, invalid_pattern_is_rejected) {
    for (const char* text :
         {"", "[]", "1", R"({"a": "x"})", R"({"a": []})", R"({"a": [{"prefix": 1}]})", R"({"a": [{"nonsense": 1}]})",
          R"({"a": [{"numeric": [">"]}]})", R"({"a": [{"numeric": ["?", 1]}]})", R"({"a": [{"exists": 1}]})",
          R"({"a": [["x"]]})", R"({"a": [{}]})", R"({"$or": ["x"]})", R"({"a": [{"prefix": "x", "suffix": "y"}]})",
          R"({"a": [{"anything-but": [["x"]]}]})"}) {
        const auto filter = Event_Filter::parse({text});
        ASSERT_FALSE(filter) << text;
        EXPECT_EQ(filter.error().code, "InvalidParameterValueException");
        EXPECT_TRUE(filter.error().message.starts_with("Invalid filter pattern definition.")) << filter.error().message;
    }
}

}  // namespace
}  // namespace osbot_aws::services

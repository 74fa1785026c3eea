#include "base/json.hpp"

#include <gtest/gtest.h>

#include "base/json_object.hpp"

namespace osbot_aws::base {
namespace {

std::string nested(std::size_t levels, const std::string& open = "[", const std::string& close = "]") {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += "1";
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text;
}

TEST(Json_Depth_Test, limit_counts_arrays_and_objects) {
    EXPECT_FALSE(parse_json(nested(json_depth_max)).is_discarded());
    EXPECT_FALSE(parse_json(nested(json_depth_max, R"({"a":)", "}")).is_discarded());
    EXPECT_TRUE(parse_json(nested(json_depth_max + 1)).is_discarded());
    EXPECT_TRUE(parse_json(nested(json_depth_max + 1, R"({"a":)", "}")).is_discarded());
    EXPECT_TRUE(parse_json(nested(json_depth_max / 2 + 1, R"([{"a":)", "}]")).is_discarded());
}

TEST(Json_Depth_Test, throwing_variant_throws_a_parse_error) {
    EXPECT_NO_THROW((void)parse_json_or_throw(nested(json_depth_max)));
    EXPECT_THROW((void)parse_json_or_throw(nested(json_depth_max + 1)), Json::parse_error);
}

// nlohmann's parser takes a NUL byte for the end of the text.
TEST(Json_Text_Test, nul_byte_is_an_error) {
    using namespace std::string_literals;
    for (const std::string& text : {"{}\0"s, "{}\0{}"s, "\0"s, "[1,\0 2]"s}) {
        EXPECT_TRUE(parse_json(text).is_discarded());
        EXPECT_THROW((void)parse_json_or_throw(text), Json::parse_error);
    }
    EXPECT_EQ(parse_json(R"("\u0000")"), Json("\0"s)) << "an escaped one is part of a text";
}

TEST(Json_Depth_Test, limit_ignores_brackets_in_strings_and_siblings) {
    const std::string brackets(2 * json_depth_max, '[');
    std::string siblings = "[0";
    for (std::size_t i = 0; i < 2 * json_depth_max; ++i) siblings += ",[{}]";

    EXPECT_EQ(parse_json(R"(["\\\")" + brackets + R"("])"), Json::array({R"(\")" + brackets}));
    EXPECT_EQ(parse_json(R"({"\")" + brackets + R"(":1})").size(), 1U);
    EXPECT_EQ(parse_json(siblings + "]").size(), 2 * json_depth_max + 1);
}

TEST(Json_Depth_Test, limit_applies_after_a_string_that_ends_in_a_backslash) {
    EXPECT_TRUE(parse_json(R"(["\\",)" + nested(json_depth_max) + "]").is_discarded());
    EXPECT_TRUE(parse_json(R"({"]]]]}}}}":)" + nested(json_depth_max) + "}").is_discarded());
}

TEST(Json_Depth_Test, deep_malformed_text_is_discarded) {
    for (const std::string text : {"]]]]", "\\\"", "[\"", "}{", "x"})
        EXPECT_TRUE(parse_json(text + nested(100'000)).is_discarded()) << text;
    EXPECT_TRUE(parse_json(std::string(100'000, '[')).is_discarded());
}

// The values at the limit must be safe to use: each of these operations recurses.
TEST(Json_Depth_Test, value_at_the_limit_can_be_copied_and_serialised) {
    const std::string text = nested(json_depth_max, R"({"a":)", "}");
    const Json value = parse_json(text);
    const Json copy{{"wrapped", value}};

    EXPECT_EQ(copy["wrapped"], value);
    EXPECT_EQ(dump_json(value), text);
}

TEST(Json_Object_Test, members_keep_their_names_and_values) {
    EXPECT_EQ(dump_json(json_object({{"b", "text"}, {"a", json_object({{"c", Json::array({1, 2})}})}, {"d", nullptr}})),
              R"({"a":{"c":[1,2]},"b":"text","d":null})");
    EXPECT_EQ(dump_json(json_object({})), "{}");
}

TEST(Json_Object_Test, first_of_two_members_with_one_name_is_kept) {
    EXPECT_EQ(dump_json(json_object({{"a", 1}, {"a", 2}})), R"({"a":1})");
}

}  // namespace
}  // namespace osbot_aws::base

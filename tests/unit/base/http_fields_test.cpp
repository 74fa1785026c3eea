#include "base/http_fields.hpp"

#include <gtest/gtest.h>

namespace osbot_aws::base {
namespace {

TEST(Http_Fields_Test, control_characters_in_a_value_become_spaces) {
    std::string head;
    append_field(head, "X-A", std::string_view("a\r\nX-B: c\0\x7f\te\xc3\xa9", 15));
    EXPECT_EQ(head, "X-A: a  X-B: c  \te\xc3\xa9\r\n");
}

TEST(Http_Fields_Test, field_with_invalid_name_is_omitted) {
    std::string head;
    for (const char* name : {"", "a b", "a:b", "a\r\nb", "a\xc3\xa9"}) append_field(head, name, "value");
    EXPECT_EQ(head, "");
}

TEST(Http_Fields_Test, value_is_valid_without_control_characters) {
    EXPECT_TRUE(is_field_value("text/plain;\tcharset=\"a\" \xc3\xa9"));
    EXPECT_TRUE(is_field_value(""));
    for (const char* text : {"a\rb", "a\nb", "\x01", "\x7f"}) EXPECT_FALSE(is_field_value(text));
    EXPECT_FALSE(is_field_value(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace osbot_aws::base

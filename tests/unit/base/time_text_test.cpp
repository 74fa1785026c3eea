#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace osbot_aws::base {
namespace {

TEST(Time_Text_Test, parses_the_iso8601_forms_of_aws) {
    const std::pair<const char*, const char*> cases[] = {{"2026-11-23T18:00:00Z", "2026-11-23T18:00:00.000Z"},
                                                         {"2026-11-23T18:00:00.5Z", "2026-11-23T18:00:00.500Z"},
                                                         {"2026-11-23T18:00:00.123456Z", "2026-11-23T18:00:00.123Z"},
                                                         {"2020-06-17T10:02:08UTC", "2020-06-17T10:02:08.000Z"},
                                                         {"2026-11-23T18:00:00+00:00", "2026-11-23T18:00:00.000Z"},
                                                         {"2026-11-23T18:00:00+0130", "2026-11-23T16:30:00.000Z"},
                                                         {"2026-12-31 23:59:59-01:00", "2027-01-01T00:59:59.000Z"},
                                                         {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"}};
    for (const auto& [text, expected] : cases) {
        const auto time = parse_iso8601(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(iso8601_ms_z(*time), expected) << text;
    }
}

TEST(Time_Text_Test, parses_years_out_of_range_as_time_max) {
    EXPECT_EQ(parse_iso8601("9999-12-31T23:59:59Z"), Time::max());
    EXPECT_EQ(parse_iso8601("2261-12-31T23:59:59Z"), from_unix_ms(9'214'646'399'000));
}

TEST(Time_Text_Test, rejects_text_that_is_not_a_time) {
    for (const char* text :
         {"", "soon", "2026-11-23", "2026-11-23T18:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
          "2026-11-23T24:00:00Z", "2026-11-23T18:00:00+1", "2026-11-23T18:00:00+-1:30", "9999-99-31T23:59:59Z",
          "2026-11-23T18:00:00+01:0x", "2026/11/23T18:00:00Z"})
        EXPECT_FALSE(parse_iso8601(text)) << text;
}

TEST(Time_Text_Test, parses_the_form_of_http_dates) {
    for (const char* text : {"Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 23 Nov 2026 18:00:59 GMT",
                             "Thu, 29 Feb 2024 23:59:00 GMT", "Sun, 31 Dec 1899 12:00:00 GMT"})
        EXPECT_EQ(http_date(parse_http_date(text).value()), text);
    EXPECT_EQ(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"), Time::max());
}

TEST(Time_Text_Test, rejects_other_forms_of_http_dates) {
    for (const char* text :
         {"", "Mon, 23 Nov 2026 18:00:00", "Mon, 23 Nov 2026 18:00:00 CET", "Mon, 23 Nom 2026 18:00:00 GMT",
          "Mon, 31 Nov 2026 18:00:00 GMT", "Mon, 23 Nov 2026 24:00:00 GMT", "Mon, 23 Nov 2026 18-00-00 GMT",
          "Mon; 23 Nov 2026 18:00:00 GMT", "Fri, 31 Dec 1600 23:59:59 GMT", "Monday, 23-Nov-26 18:00:00 GMT",
          "Mon, 23 Nov 2026 18:00:00 GMT "})
        EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace osbot_aws::base

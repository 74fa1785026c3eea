#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace osbot_aws::base {
namespace {

TEST(Time_Text_Test, iso8601_is_read_in_the_forms_that_aws_writes) {
    const std::pair<const char*, const char*> cases[] = {{"2026-11-23T18:00:00Z", "2026-11-23T18:00:00.000Z"},
                                                         {"2026-11-23T18:00:00.5Z", "2026-11-23T18:00:00.500Z"},
                                                         {"2026-11-23T18:00:00.123456Z", "2026-11-23T18:00:00.123Z"},
                                                         {"2020-06-17T10:02:08UTC", "2020-06-17T10:02:08.000Z"},
                                                         {"2026-11-23T18:00:00+00:00", "2026-11-23T18:00:00.000Z"},
                                                         {"2026-11-23T18:00:00+0130", "2026-11-23T16:30:00.000Z"},
                                                         {"2026-12-31 23:59:59-01:00", "2027-01-01T00:59:59.000Z"},
                                                         {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"}};
    for (const auto& [text, same] : cases) {
        const auto time = parse_iso8601(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(iso8601_ms_z(*time), same) << text;
    }
}

TEST(Time_Text_Test, never_is_the_last_time_there_is) {
    EXPECT_EQ(parse_iso8601("9999-12-31T23:59:59Z"), Time::max());
    EXPECT_EQ(parse_iso8601("2261-12-31T23:59:59Z"), from_unix_ms(9'214'646'399'000));
}

TEST(Time_Text_Test, what_is_no_time_is_nothing) {
    for (const char* text :
         {"", "soon", "2026-11-23", "2026-11-23T18:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
          "2026-11-23T24:00:00Z", "2026-11-23T18:00:00+1", "2026-11-23T18:00:00+-1:30", "9999-99-31T23:59:59Z",
          "2026-11-23T18:00:00+01:0x", "2026/11/23T18:00:00Z"})
        EXPECT_FALSE(parse_iso8601(text)) << text;
}

}  // namespace
}  // namespace osbot_aws::base

#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace osbot_aws::base {
namespace {

// The limits of RFC 3629, section 4. Each text is also checked behind eight bytes of ASCII, which take another path.
TEST(Utf8_Test, accepts_exactly_the_well_formed_sequences) {
    for (const std::string valid : {"", "text", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                    "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_utf8(valid)) << valid;
        EXPECT_TRUE(is_utf8("12345678" + valid + "1234567890")) << valid;
    }
    for (const std::string invalid :
         {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
          "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
        EXPECT_FALSE(is_utf8(invalid));
        EXPECT_FALSE(is_utf8("12345678" + invalid));
        EXPECT_FALSE(is_utf8("12345678" + invalid + "1234567890"));
    }
}

}  // namespace
}  // namespace osbot_aws::base

#include "base/numbers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace osbot_aws::base {
namespace {

TEST(Numbers_Test, parses_the_whole_text) {
    EXPECT_EQ(parse_number<int>("-12"), -12);
    EXPECT_EQ(parse_number<std::uint8_t>("256"), std::nullopt);
    for (const char* text : {"", " 1", "1 ", "+1", "1x", "0x10"})
        EXPECT_EQ(parse_number<int>(text), std::nullopt) << text;
}

TEST(Numbers_Test, parses_fractions_and_exponents) {
    EXPECT_EQ(parse_double("-1.5"), -1.5);
    EXPECT_EQ(parse_double("1e+3"), 1000.0);
    EXPECT_EQ(parse_double("123456789012345678"), 123456789012345678.0);
    EXPECT_TRUE(std::isinf(parse_double("1e999").value()));
    EXPECT_TRUE(std::isnan(parse_double("nan").value()));
    for (const char* text : {"", " 1.5", "1.5 ", "+1.5", "0x1p3", "1,5", "one"})
        EXPECT_EQ(parse_double(text), std::nullopt) << text;
}

}  // namespace
}  // namespace osbot_aws::base

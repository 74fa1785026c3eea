#include "cli/output/sizes.hpp"

#include <gtest/gtest.h>

namespace osbot_aws::cli {
namespace {

using namespace std::chrono_literals;

TEST(Sizes_Test, size_has_the_largest_fitting_unit) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(1023), "1023 B");
    EXPECT_EQ(size_text(1536), "1.5 KiB");
    EXPECT_EQ(size_text(3.0 * (1 << 20)), "3.0 MiB");
    EXPECT_EQ(size_text(2.5 * (1 << 30)), "2.5 GiB");
}

TEST(Sizes_Test, transfer_has_a_bar_the_sizes_and_the_rate) {
    EXPECT_EQ(transfer_text(2 << 20, 4 << 20, 2s), "━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌ 2.0 MiB of 4.0 MiB, 1.0 MiB/s");
    EXPECT_EQ(transfer_text(0, 4 << 20, 0s), "╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 0 B of 4.0 MiB");
    EXPECT_EQ(transfer_text(7, 7, 1s), "━━━━━━━━━━━━━━━━━━━━ 7 B of 7 B, 7 B/s");
}

}  // namespace
}  // namespace osbot_aws::cli

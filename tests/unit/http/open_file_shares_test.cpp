#include "http/open_file_shares.hpp"

#include <gtest/gtest.h>

namespace osbot_aws::http {
namespace {

TEST(Open_File_Shares_Test, environments_reach_the_limit_of_the_account_if_files_allow) {
    EXPECT_EQ(share_open_files(20'000, false).environments, 1000);
    EXPECT_EQ(share_open_files(1'048'576, false).environments, 1000);
    EXPECT_EQ(share_open_files(1'048'576, true).environments, 1000);
    EXPECT_LT(share_open_files(4096, false).environments, 1000);
    EXPECT_LT(share_open_files(20'000, true).environments, 1000) << "a listener inside the network needs more";
}

TEST(Open_File_Shares_Test, shares_stay_below_the_limit_of_open_files) {
    for (const std::size_t limit : {std::size_t{256}, std::size_t{1024}, std::size_t{4096}, std::size_t{20'000}}) {
        const Open_File_Shares shares = share_open_files(limit, false);
        const std::size_t used = shares.connections * 2 + shares.url_ports +
                                 static_cast<std::size_t>(shares.environments) * (6 + runtime_connections_max);
        EXPECT_LT(used, limit);
        EXPECT_GE(shares.environments, 1);
        EXPECT_GE(shares.url_ports, 10u);
    }
}

TEST(Open_File_Shares_Test, memory_limits_environments) {
    EXPECT_EQ(environments_in_memory(64ull << 30), 1000);
    EXPECT_EQ(environments_in_memory(2ull << 30), 512);
    EXPECT_EQ(environments_in_memory(0), 1);
}

}  // namespace
}  // namespace osbot_aws::http

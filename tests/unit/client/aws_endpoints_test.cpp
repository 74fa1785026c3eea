#include "client/aws_endpoints.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/files.hpp"

namespace osbot_aws::client {
namespace {

TEST(Aws_Endpoints_Test, endpoints_equal_those_of_botocore_in_three_partitions) {
    std::ifstream file(TEST_DATA "/endpoints/botocore.txt");  // made by tools/list_botocore_endpoints.py
    int compared = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream words(line);
        std::string service, region, dual_stack, fips, url, rest;
        words >> service >> region >> dual_stack >> fips >> url >> std::ws;
        std::getline(words, rest);
        const auto found = aws_endpoint(service, region, {dual_stack == "dual", fips == "fips"});
        ++compared;
        if (url == "error") {
            ASSERT_FALSE(found) << line;
            EXPECT_EQ(found.error().message, rest) << line;
        } else {
            ASSERT_TRUE(found) << line;
            EXPECT_EQ(found->url + " " + found->signing_region, url + " " + rest) << line;
        }
    }
    EXPECT_EQ(compared, 192);
}

TEST(Aws_Endpoints_Test, environment_overrides_the_profile) {
    const base::Temporary_Folder folder;
    const auto config = folder.path() / "config";
    base::write_file(config, "[profile p]\nuse_dualstack_endpoint = True\nuse_fips_endpoint = true\n").value();
    ::setenv("AWS_CONFIG_FILE", config.c_str(), 1);
    ::setenv("AWS_USE_FIPS_ENDPOINT", "false", 1);
    ::unsetenv("AWS_USE_DUALSTACK_ENDPOINT");
    EXPECT_TRUE(configured_endpoint_options("p").dual_stack);
    EXPECT_FALSE(configured_endpoint_options("p").fips);
    EXPECT_FALSE(configured_endpoint_options("q").dual_stack);
}

}  // namespace
}  // namespace osbot_aws::client

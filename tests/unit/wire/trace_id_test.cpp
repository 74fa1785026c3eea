#include "wire/trace_id.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::wire {
namespace {

using testing::MatchesRegex;

constexpr base::Time now{std::chrono::seconds{0x5759e988}};

TEST(Trace_Id_Test, event_without_a_trace_gets_one_of_its_time) {
    EXPECT_THAT(trace_id("", false, now), MatchesRegex("Root=1-5759e988-[0-9a-f]+;Parent=[0-9a-f]+;Sampled=0"));
    EXPECT_EQ(trace_id("", false, now).size(), 74u);
    EXPECT_THAT(trace_id("", true, now), testing::EndsWith(";Sampled=1"));
    EXPECT_NE(trace_id("", true, now), trace_id("", true, now));
}

TEST(Trace_Id_Test, parts_of_the_client_are_used) {
    const std::string complete = "Root=1-1-2;Parent=3;Sampled=1;Lineage=a:1";
    EXPECT_EQ(trace_id(complete, false, now), complete);
    EXPECT_THAT(trace_id("Root=1-1-2", true, now), MatchesRegex("Root=1-1-2;Parent=[0-9a-f]+;Sampled=1"));
    EXPECT_THAT(trace_id("Root=1-1-2;Sampled=0", true, now), MatchesRegex("Root=1-1-2;Sampled=0;Parent=[0-9a-f]+"));
}

TEST(Trace_Id_Test, text_that_is_not_a_trace_is_replaced) {
    for (const std::string& sent : {std::string("Self=1;NotRoot=2"), "Root=" + std::string(600, '1')})
        EXPECT_THAT(trace_id(sent, false, now), testing::StartsWith("Root=1-5759e988-"));
}

}  // namespace
}  // namespace osbot_aws::wire

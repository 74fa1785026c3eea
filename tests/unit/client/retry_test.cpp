#include "client/retry.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::client {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

const Error throttled{"TooManyRequestsException", "Rate Exceeded.", 429};
const Error timed_out{"ReadTimeoutError", "", 0};
const Error broken{"ServiceException", "", 500};
const Error refused{"ResourceNotFoundException", "", 404};

struct Retrying {
    double chance = 0.5;
    std::vector<milliseconds> waits;
    Retry_Policy policy{
        {.sleep = [this](milliseconds wait) { waits.push_back(wait); }, .random = [this] { return chance; }}};
};

TEST(Retry_Test, makes_three_attempts_with_doubling_random_waits) {
    Retrying r;
    Retries call;
    EXPECT_TRUE(r.policy.wait_before_retry(call, throttled));
    EXPECT_TRUE(r.policy.wait_before_retry(call, throttled));
    EXPECT_FALSE(r.policy.wait_before_retry(call, throttled));
    EXPECT_EQ(call.attempts, 3);
    EXPECT_THAT(r.waits, ElementsAre(milliseconds(500), milliseconds(1000)));
}

TEST(Retry_Test, does_not_retry_permanent_errors) {
    Retrying r;
    Retries call;
    EXPECT_FALSE(r.policy.wait_before_retry(call, refused));
    EXPECT_TRUE(r.waits.empty());
    EXPECT_EQ(r.policy.tokens(), 500);
    EXPECT_EQ(retry_reason(refused), Retry_Reason::none);
    EXPECT_EQ(retry_reason(broken), Retry_Reason::transient);
    EXPECT_EQ(retry_reason(timed_out), Retry_Reason::transient);
    EXPECT_EQ(retry_reason(throttled), Retry_Reason::throttling);
}

TEST(Retry_Test, retries_and_timeouts_cost_tokens_that_success_refills) {
    Retrying r;
    Retries retried, timed_out_call;
    EXPECT_TRUE(r.policy.wait_before_retry(retried, broken));
    EXPECT_EQ(r.policy.tokens(), 495);
    r.policy.succeeded(retried);
    EXPECT_EQ(r.policy.tokens(), 500);
    EXPECT_TRUE(r.policy.wait_before_retry(timed_out_call, timed_out));
    EXPECT_EQ(r.policy.tokens(), 490);
    r.policy.succeeded({});
    EXPECT_EQ(r.policy.tokens(), 491);
}

TEST(Retry_Test, quota_stops_retries_in_an_outage) {
    Retrying r;
    int retries = 0;
    for (int i = 0; i < 1000; ++i) {
        Retries call;
        retries += r.policy.wait_before_retry(call, broken) ? 1 : 0;
    }
    EXPECT_EQ(retries, 100);
    EXPECT_EQ(r.policy.tokens(), 0);
}

}  // namespace
}  // namespace osbot_aws::client

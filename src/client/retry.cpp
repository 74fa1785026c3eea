#include "client/retry.hpp"

#include <algorithm>
#include <thread>

#include "base/error_codes.hpp"
#include "base/random.hpp"

namespace osbot_aws::client {
namespace {

// botocore's standard mode: botocore/retries/standard.py
constexpr std::string_view throttling_codes[] = {"Throttling",
                                                 "ThrottlingException",
                                                 "ThrottledException",
                                                 "RequestThrottledException",
                                                 "TooManyRequestsException",
                                                 "ProvisionedThroughputExceededException",
                                                 "TransactionInProgressException",
                                                 "RequestLimitExceeded",
                                                 "BandwidthLimitExceeded",
                                                 "LimitExceededException",
                                                 "RequestThrottled",
                                                 "SlowDown",
                                                 "PriorRequestNotComplete",
                                                 "EC2ThrottledException"};
constexpr std::string_view transient_codes[] = {
    "RequestTimeout",    "RequestTimeoutException", codes::endpoint_connection, codes::connect_timeout,
    codes::read_timeout, codes::connection_closed,  codes::proxy_connection};
constexpr int transient_statuses[] = {500, 502, 503, 504};

template <class List, class Item>
bool contains(const List& list, const Item& item) {
    return std::find(std::begin(list), std::end(list), item) != std::end(list);
}

}  // namespace

Retry_Reason retry_reason(const Error& error) {
    if (contains(throttling_codes, error.code)) return Retry_Reason::throttling;
    if (contains(transient_codes, error.code) || contains(transient_statuses, error.http_status))
        return Retry_Reason::transient;
    return Retry_Reason::none;
}

bool may_have_run(const Error& error) {
    return error.code == codes::connection_closed || error.code == codes::read_timeout;
}

Retry_Policy::Retry_Policy()
    : Retry_Policy([](std::chrono::milliseconds wait) { std::this_thread::sleep_for(wait); }) {}

Retry_Policy::Retry_Policy(std::function<void(std::chrono::milliseconds)> sleep)
    : Retry_Policy({.sleep = std::move(sleep), .random = base::random_fraction}) {}

bool Retry_Policy::take_tokens(int cost) {
    int tokens = *tokens_;
    while (tokens >= cost) {
        if (tokens_->compare_exchange_weak(tokens, tokens - cost)) return true;
    }
    return false;
}

bool Retry_Policy::wait_before_retry(Retries& retries, const Error& error) {
    if (retries.attempts >= attempts_max || retry_reason(error) == Retry_Reason::none) return false;
    const int cost =
        error.code == codes::read_timeout || error.code == codes::connect_timeout ? timeout_cost : retry_cost;
    if (!take_tokens(cost)) return false;
    constexpr int doublings_max = 20;  // a longer wait than wait_max
    const std::chrono::milliseconds doubled =
        std::chrono::seconds(1 << std::clamp(retries.attempts - 1, 0, doublings_max));
    const std::chrono::duration<double, std::milli> most(std::min(doubled, wait_max));
    seams_.sleep(std::chrono::duration_cast<std::chrono::milliseconds>(most * seams_.random()));
    retries = {retries.attempts + 1, cost};
    return true;
}

void Retry_Policy::succeeded(const Retries& retries) {
    const int refill = std::max(retries.cost, 1);
    int tokens = *tokens_;
    while (!tokens_->compare_exchange_weak(tokens, std::min(tokens_max, tokens + refill))) {}
}

}  // namespace osbot_aws::client

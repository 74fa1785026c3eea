#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::client {

/// The reason to retry a request; none: do not retry.
enum class Retry_Reason { none, transient, throttling };

/// Returns the reason to retry after this error, or none.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
Retry_Reason retry_reason(const Error& error);

/// Returns whether the service may have processed the request, although there was no response.
bool may_have_run(const Error& error);

/// The attempts of one call.
struct Retries {
    int attempts = 1;
    int cost = 0;  ///< tokens used by the last retry
};

/// AWS's standard retry mode. There are three attempts. The wait is random (full jitter), up to a limit of one second
/// that doubles with each attempt. Retries use up a quota, which successful requests refill, so that retries do not
/// make an outage worse. Threads: calls of several threads share the quota.
class Retry_Policy {
public:
    struct Seams {
        std::function<void(std::chrono::milliseconds)> sleep;
        std::function<double()> random;  ///< [0, 1)
    };
    Retry_Policy();
    explicit Retry_Policy(std::function<void(std::chrono::milliseconds)> sleep);
    explicit Retry_Policy(Seams seams) : seams_(std::move(seams)) {}

    static constexpr int attempts_max = 3;
    static constexpr std::chrono::milliseconds wait_max{20'000};

    /// Call it after each failed attempt. Waits, counts the next attempt and returns true, or returns false if the
    /// error must not be retried.
    bool wait_before_retry(Retries& retries, const Error& error);
    void succeeded(const Retries& retries);
    int tokens() const { return *tokens_; }

private:
    static constexpr int tokens_max = 500, retry_cost = 5, timeout_cost = 10;

    bool take_tokens(int cost);

    Seams seams_;
    std::unique_ptr<std::atomic<int>> tokens_ = std::make_unique<std::atomic<int>>(tokens_max);
};

}  // namespace osbot_aws::client

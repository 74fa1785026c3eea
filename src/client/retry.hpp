#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::client {

enum class Retry_Reason { none, transient, throttling };

/// What kind of failure this is, if one that may pass by itself.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
Retry_Reason retry_reason(const Error& error);

/// Whether the service may have got the request, and acted on it, although no answer came.
bool may_have_run(const Error& error);

/// AWS's standard mode: three attempts, waits that double from one second at most by chance (full jitter), and a quota
/// that is spent by retries and refilled by success, so that an outage is not made worse.
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

    /// Before a retry after `attempts` attempts: waits and answers true, or answers false when there is to be none.
    bool again(int attempts, const Error& error);
    void succeeded(int attempts);
    int tokens() const { return tokens_; }

private:
    static constexpr int tokens_max = 500, retry_cost = 5, timeout_cost = 10;

    Seams seams_;
    int tokens_ = tokens_max;
    int last_cost_ = 0;
};

}  // namespace osbot_aws::client

#pragma once

#include <algorithm>
#include <chrono>

#include "sdk/session_impl.hpp"

namespace osbot_aws {

/// Polls with exponential backoff: the first wait is 1 ms by default, and each wait is twice as long as the one before,
/// up to `interval_max`. The total is limited to `total_max`.
class Exponential_Backoff {
public:
    Exponential_Backoff(const Session& session, std::chrono::milliseconds total_max,
                        std::chrono::milliseconds interval_max,
                        std::chrono::milliseconds first = std::chrono::milliseconds(1))
        : session_(session), remaining_(total_max), interval_max_(interval_max), next_(first) {}

    /// Waits and returns true. Returns false, without waiting, if no time remains.
    bool next() {
        if (remaining_.count() <= 0) return false;
        const std::chrono::milliseconds wait = std::min({next_, interval_max_, remaining_});
        impl_of(session_).sleep(wait);
        deduct(std::max(wait, std::chrono::milliseconds(1)));
        next_ = std::min(next_ * 2, interval_max_);
        return true;
    }

    std::chrono::milliseconds remaining() const { return remaining_; }
    /// Subtracts time from the total, e.g. the time that a service delayed its response.
    void deduct(std::chrono::milliseconds time) { remaining_ -= time; }

private:
    Session session_;
    std::chrono::milliseconds remaining_, interval_max_, next_;
};

}  // namespace osbot_aws

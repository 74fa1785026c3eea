#pragma once

#include <algorithm>
#include <chrono>

#include "sdk/session_impl.hpp"

namespace osbot_aws {

/// Waits between looks at something that takes its time: from 1 ms, each twice the one before up to the longest that
/// the caller wants, and in all as long as the caller has.
class Growing_Wait {
public:
    Growing_Wait(const Session& session, std::chrono::milliseconds in_all, std::chrono::milliseconds interval_max,
                 std::chrono::milliseconds first = std::chrono::milliseconds(1))
        : session_(session), left_(in_all), interval_max_(interval_max), next_(first) {}

    /// Waits and answers true, or answers false when there is no time left.
    bool again() {
        if (left_.count() <= 0) return false;
        const std::chrono::milliseconds wait = std::min({next_, interval_max_, left_});
        session_.impl().sleep(wait);
        took(std::max(wait, std::chrono::milliseconds(1)));
        next_ = std::min(next_ * 2, interval_max_);
        return true;
    }

    std::chrono::milliseconds left() const { return left_; }
    /// Of the time that there is, waited somewhere else: by a service that held its answer back.
    void took(std::chrono::milliseconds waited) { left_ -= waited; }

private:
    Session session_;
    std::chrono::milliseconds left_, interval_max_, next_;
};

}  // namespace osbot_aws

#pragma once

#include <chrono>

namespace osbot_aws::base {

using Time = std::chrono::system_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

/// The wall clock behind an interface: tests advance a Fake_Clock instead of sleeping.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class System_Clock final : public Clock {
public:
    Time now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace osbot_aws::base

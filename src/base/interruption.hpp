#pragma once

#include <chrono>

namespace osbot_aws::base {

/// Thrown from a wait when the host program interrupts the call. Not a std::exception, so that only the host program
/// catches it.
struct Interrupted {};

/// The interruption check of this thread, for host programs that handle signals themselves, such as Python. A waiting
/// call runs it at least every interruption_interval and throws Interrupted if it returns true. A request that was sent
/// still executes on the server. The session of the call must not be used again, because the response may still
/// arrive. Null: calls cannot be interrupted.
inline thread_local bool (*interruption)() = nullptr;

constexpr std::chrono::milliseconds interruption_interval{20};

inline void throw_if_interrupted() {
    if (interruption != nullptr && interruption()) throw Interrupted();
}

}  // namespace osbot_aws::base

#pragma once

#include <chrono>

namespace osbot_aws::base {

/// Thrown out of a wait, and so through the whole call, when the host asked for it. Not a std::exception: nobody but
/// the host takes it for an answer.
struct Interrupted {};

/// For a host that has signals of its own to handle, as Python has: while a call of this thread waits it is asked at
/// least every interruption_interval, and true ends the wait with Interrupted. What was sent goes on; the session of
/// the call is not to be used again, as its answer may yet come. Null: waits go on.
inline thread_local bool (*interruption)() = nullptr;

constexpr std::chrono::milliseconds interruption_interval{20};

inline void throw_if_interrupted() {
    if (interruption != nullptr && interruption()) throw Interrupted();
}

}  // namespace osbot_aws::base

#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.hpp"

namespace osbot_aws::base {

/// Cancels what it stands for when it is destroyed (a timer, a watch). Empty: nothing to cancel.
class Subscription {
public:
    virtual ~Subscription() = default;
};
using Subscription_Ptr = std::unique_ptr<Subscription>;

/// The one thread on which the engine lives, and the ways off it and back.
///
/// All state of the engine is touched on this thread only, so nothing in it needs a lock
/// (docs/adr/0005-one-loop.md). The server implements it with Asio; unit tests use
/// tests/support/fake_loop.hpp, whose time moves when the test says so.
class Loop {
public:
    virtual ~Loop() = default;

    virtual const Clock& clock() const = 0;

    /// Runs `task` on the loop, soon. The one member that may be called from any thread.
    virtual void post(std::function<void()> task) = 0;

    /// Runs `task` once after `delay`, unless the subscription is destroyed before.
    [[nodiscard]] virtual Subscription_Ptr after(std::chrono::nanoseconds delay, std::function<void()> task) = 0;

    /// Runs `task` each time `fd` (pipe, pidfd, socket) can be read, until the subscription is destroyed.
    /// The fd stays the caller's; destroy the subscription before closing it.
    [[nodiscard]] virtual Subscription_Ptr when_readable(int fd, std::function<void()> task) = 0;

    /// Runs `work` on a worker thread (for what blocks: fsync, unpacking, hashing), then `done` on the loop.
    virtual void run_blocking(std::function<void()> work, std::function<void()> done) = 0;
};

}  // namespace osbot_aws::base

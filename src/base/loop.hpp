#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.hpp"

namespace osbot_aws::base {

/// Cancels a timer or a watch when it is destroyed.
class Subscription {
public:
    virtual ~Subscription() = default;
};
using Subscription_Ptr = std::unique_ptr<Subscription>;

/// The event loop thread that runs the engine, with functions to move work off the thread and back.
///
/// The engine's state is accessed on this thread only, so it needs no locks
/// (docs/adr/0005-one-loop.md). The server implements it with Asio; unit tests use
/// tests/support/fake_loop.hpp, whose clock the test advances.
class Loop {
public:
    virtual ~Loop() = default;

    virtual const Clock& clock() const = 0;

    /// Schedules `task` on the loop. The only member that may be called from any thread.
    virtual void post(std::function<void()> task) = 0;

    /// Runs `task` once after `delay`, unless the subscription is destroyed first.
    [[nodiscard]] virtual Subscription_Ptr after(std::chrono::nanoseconds delay, std::function<void()> task) = 0;

    /// Runs `task` each time `fd` (pipe, pidfd, socket) is readable, until the subscription is destroyed.
    /// The caller keeps ownership of `fd` and destroys the subscription before closing it.
    [[nodiscard]] virtual Subscription_Ptr when_readable(int fd, std::function<void()> task) = 0;

    /// Runs blocking `work` (fsync, unpacking, hashing) on a worker thread, then `done` on the loop.
    virtual void run_blocking(std::function<void()> work, std::function<void()> done) = 0;
};

}  // namespace osbot_aws::base

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/loop.hpp"

namespace osbot_aws::http {

/// Implements base::Loop with an io_context that is run by one thread (the caller of run()) and some worker threads for
/// blocking work.
class Asio_Loop final : public base::Loop {
public:
    Asio_Loop();
    ~Asio_Loop() override;

    const base::Clock& clock() const override { return clock_; }
    void post(std::function<void()> task) override;
    base::Subscription_Ptr after(std::chrono::nanoseconds delay, std::function<void()> task) override;
    base::Subscription_Ptr when_readable(int fd, std::function<void()> task) override;
    void run_blocking(std::function<void()> work, std::function<void()> done) override;

    /// Runs the loop until stop(). An exception of a task is a bug: it is logged and the loop continues.
    void run();
    void stop();          ///< any thread
    void join_workers();  ///< waits for work that has started; no new work starts

    boost::asio::io_context& io() { return io_; }

private:
    base::System_Clock clock_;
    boost::asio::io_context io_{1};
    boost::asio::thread_pool workers_;
};

}  // namespace osbot_aws::http

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/loop.hpp"

namespace osbot_aws::server {

/// base::Loop over one io_context, run by one thread (whoever calls run()), and a few workers for what blocks.
class Asio_Loop final : public base::Loop {
public:
    Asio_Loop();
    ~Asio_Loop() override;

    const base::Clock& clock() const override { return clock_; }
    void post(std::function<void()> task) override;
    base::Subscription_Ptr after(std::chrono::nanoseconds delay, std::function<void()> task) override;
    base::Subscription_Ptr when_readable(int fd, std::function<void()> task) override;
    void run_blocking(std::function<void()> work, std::function<void()> done) override;

    /// Until stop(). An exception of a task is a bug of ours: it is logged and the loop goes on.
    void run();
    void stop();          ///< any thread
    void join_workers();  ///< waits for the work that has begun; nothing new starts

    boost::asio::io_context& io() { return io_; }

private:
    base::System_Clock clock_;
    boost::asio::io_context io_{1};
    boost::asio::thread_pool workers_;
};

}  // namespace osbot_aws::server

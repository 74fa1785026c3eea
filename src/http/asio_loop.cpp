#include "http/asio_loop.hpp"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <utility>

#include "base/log.hpp"

namespace osbot_aws::http {
namespace {

namespace asio = boost::asio;

constexpr unsigned workers_max = 4;

class Timer final : public base::Subscription {
public:
    Timer(asio::io_context& io, std::chrono::nanoseconds delay, std::function<void()> task) : timer_(io) {
        timer_.expires_after(delay);
        // The handler of a timer that has already fired is not cancelled with the timer, so it checks the flag.
        timer_.async_wait([alive = alive_, task = std::move(task)](const boost::system::error_code& error) {
            if (!error && *alive) task();
        });
    }
    ~Timer() override { *alive_ = false; }

private:
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    asio::steady_timer timer_;
};

/// Watches a duplicate of the descriptor, which asio owns. The caller may close the original at any time.
class Watch final : public base::Subscription {
public:
    Watch(asio::io_context& io, int fd, std::function<void()> task)
        : state_(std::make_shared<State>(io, std::move(task))) {
        state_->descriptor.assign(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
        wait(state_);
    }
    ~Watch() override {
        state_->alive = false;
        boost::system::error_code ignored;  // only a duplicate is closed, so errors do not matter
        state_->descriptor.close(ignored);
    }

private:
    struct State {
        State(asio::io_context& io, std::function<void()> callback) : descriptor(io), task(std::move(callback)) {}
        asio::posix::stream_descriptor descriptor;
        std::function<void()> task;
        bool alive = true;
    };

    static void wait(const std::shared_ptr<State>& state) {
        state->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                     [state](const boost::system::error_code& error) {
                                         if (error || !state->alive) return;
                                         state->task();
                                         if (state->alive) wait(state);
                                     });
    }

    std::shared_ptr<State> state_;
};

}  // namespace

Asio_Loop::Asio_Loop() : workers_(std::clamp(std::thread::hardware_concurrency(), 2u, workers_max)) {}

Asio_Loop::~Asio_Loop() {
    workers_.stop();
    workers_.join();
}

void Asio_Loop::post(std::function<void()> task) { asio::post(io_, std::move(task)); }

base::Subscription_Ptr Asio_Loop::after(std::chrono::nanoseconds delay, std::function<void()> task) {
    return std::make_unique<Timer>(io_, delay, std::move(task));
}

base::Subscription_Ptr Asio_Loop::when_readable(int fd, std::function<void()> task) {
    return std::make_unique<Watch>(io_, fd, std::move(task));
}

void Asio_Loop::run_blocking(std::function<void()> work, std::function<void()> done) {
    asio::post(workers_, [this, work = std::move(work), done = std::move(done)]() mutable {
        work();
        work = nullptr;  // objects that it shares with `done` must be destroyed on the loop
        asio::post(io_, std::move(done));
    });
}

void Asio_Loop::run() {
    const auto guard = asio::make_work_guard(io_);
    while (!io_.stopped()) {
        try {
            io_.run();
        } catch (const std::exception& bug) { base::log_error("a task of the loop failed: {}", bug.what()); }
    }
}

void Asio_Loop::stop() { io_.stop(); }

void Asio_Loop::join_workers() { workers_.join(); }

}  // namespace osbot_aws::http

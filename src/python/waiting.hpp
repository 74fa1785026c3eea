// Calls that wait: Python's other threads go on meanwhile, and Ctrl-C ends the wait.
#pragma once

#include <nanobind/nanobind.h>

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace osbot_aws::python {

namespace nb = nanobind;

/// What is waited for. It owns all that it needs: nobody may be waiting any more when it ends.
class Job {
public:
    virtual ~Job() = default;
    virtual void run() = 0;

    void finish();  ///< by whoever called run()
    /// False after a while, when it is not finished.
    bool finished_soon();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool finished_ = false;
};

/// Runs the job without the GIL. In the main thread, where signals are Python's to handle, another thread runs it, and
/// KeyboardInterrupt is raised here at once: the job itself goes on, as a request that was sent does.
void run_and_wait(const std::shared_ptr<Job>& job);

/// The same for calls whose waits all ask base::interruption, as those of one request do: without another thread, which
/// would cost a call of 100 us a third more.
void run_here(const std::shared_ptr<Job>& job);

/// What `call` answers; throws what it throws. `call` owns what it uses.
template <class Call>
auto waiting(Call call, void (*run)(const std::shared_ptr<Job>&) = run_and_wait) {
    using Answer = decltype(call());
    struct This_Job final : Job {
        explicit This_Job(Call to_call) : call(std::move(to_call)) {}
        void run() override try { answer.emplace(call()); } catch (...) {
            failed = std::current_exception();
        }
        Call call;
        std::optional<Answer> answer;
        std::exception_ptr failed;
    };
    const auto job = std::make_shared<This_Job>(std::move(call));
    run(job);
    if (job->failed) std::rethrow_exception(job->failed);
    return std::move(*job->answer);
}

}  // namespace osbot_aws::python

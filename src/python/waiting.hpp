// Runs blocking calls. Other Python threads continue in the meantime, and Ctrl-C interrupts the call.
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

/// A blocking call. It owns all its data, because it may finish after the waiting thread was interrupted.
class Job {
public:
    virtual ~Job() = default;
    virtual void run() = 0;

    void finish();  ///< marks the job as finished; called after run(), in the same thread
    /// Waits for up to 20 ms and returns whether the job is finished.
    bool finished_within_interval();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool finished_ = false;
};

/// Runs the job without the GIL. If called in the main thread, where Python handles signals, another thread runs the
/// job. KeyboardInterrupt is then raised without waiting for the job, which continues: a sent request cannot be
/// cancelled.
void run_and_wait(const std::shared_ptr<Job>& job);

/// Runs the job in the calling thread, without the GIL. Only for calls whose waits all check base::interruption, such
/// as a single request. Avoids the second thread, which would make a call of 100 us a third slower.
void run_in_this_thread(const std::shared_ptr<Job>& job);

/// Runs `call` as a job and returns its result or rethrows its exception. `call` must own all data that it uses.
template <class Call>
auto run_as_job(Call call, void (*run)(const std::shared_ptr<Job>&) = run_and_wait) {
    using Result = decltype(call());
    struct Call_Job final : Job {
        explicit Call_Job(Call to_run) : call(std::move(to_run)) {}
        void run() override try { result.emplace(call()); } catch (...) {
            error = std::current_exception();
        }
        Call call;
        std::optional<Result> result;
        std::exception_ptr error;
    };
    const auto job = std::make_shared<Call_Job>(std::move(call));
    run(job);
    if (job->error) std::rethrow_exception(job->error);
    return std::move(*job->result);
}

}  // namespace osbot_aws::python

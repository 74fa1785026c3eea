#include "python/waiting.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/interruption.hpp"

namespace osbot_aws::python {
namespace {

constexpr std::chrono::milliseconds signal_check_interval{20};

/// A thread that runs the jobs of the main thread. It is reused, unless a job is interrupted: that job continues in its
/// thread, and the next job gets a new Runner.
class Runner {
public:
    void start(std::shared_ptr<Job> job) {
        std::unique_lock lock(mutex_);
        job_ = std::move(job);
        const bool thread_was_idle = std::exchange(idle_, false);
        lock.unlock();  // before the notification, so that the woken thread does not wait for the mutex
        if (thread_was_idle)
            changed_.notify_one();
        else
            std::thread([this] { run(); }).detach();
    }

private:
    void run() {
        sigset_t all;  // the main thread handles signals
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return job_ != nullptr; });
            std::shared_ptr<Job> job = std::exchange(job_, nullptr);
            lock.unlock();
            job->run();
            lock.lock();
            idle_ = true;
            lock.unlock();
            job->finish();
            job.reset();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<Job> job_;
    bool idle_ = false;
};

// Never destroyed: its thread uses it until the process exits.
Runner* runner = nullptr;

thread_local bool is_main = ::gettid() == ::getpid();

/// Compares thread and process id once per thread, because `import threading` takes longer than a call. After a fork,
/// the forking thread is the main thread of the child, and the runner's thread exists only in the parent.
bool in_main_thread() {
    static const bool fork_handler_installed = ::pthread_atfork(nullptr, nullptr, [] {
                                                   is_main = true;
                                                   runner = nullptr;
                                               }) == 0;
    return fork_handler_installed && is_main;
}

/// Runs Python's signal handlers. Returns true if one raised an exception, which then becomes the call's error.
bool signal_raised() {
    const nb::gil_scoped_acquire acquired;
    return PyErr_CheckSignals() != 0;
}

}  // namespace

void Job::finish() {
    {
        const std::lock_guard lock(mutex_);
        finished_ = true;
    }
    changed_.notify_one();
}

bool Job::finished_within_interval() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, signal_check_interval, [this] { return finished_; });
}

void run_and_wait(const std::shared_ptr<Job>& job) {
    if (!in_main_thread()) {
        const nb::gil_scoped_release released;
        return job->run();
    }
    if (runner == nullptr) runner = new Runner;
    runner->start(job);
    for (;;) {
        bool finished = false;
        {
            const nb::gil_scoped_release released;
            finished = job->finished_within_interval();
        }
        if (finished) return;
        if (PyErr_CheckSignals() != 0) {
            runner = nullptr;  // only the interrupted job uses the old runner
            throw nb::python_error();
        }
    }
}

void run_in_this_thread(const std::shared_ptr<Job>& job) {
    if (in_main_thread()) base::interruption = &signal_raised;
    {
        const nb::gil_scoped_release released;
        job->run();
    }
    base::interruption = nullptr;
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
}

}  // namespace osbot_aws::python

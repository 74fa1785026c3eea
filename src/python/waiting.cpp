#include "python/waiting.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/interruption.hpp"

namespace osbot_aws::python {
namespace {

constexpr std::chrono::milliseconds signals_seen_within{20};

/// One thread that runs the main thread's jobs, kept for the next one; an interrupted job keeps its thread, and the
/// next job gets a new one.
class Runner {
public:
    void start(std::shared_ptr<Job> job) {
        std::unique_lock lock(mutex_);
        job_ = std::move(job);
        const bool waits = std::exchange(idle_, false);
        lock.unlock();  // before the wake, or the woken thread's first act is to wait for us
        if (waits)
            changed_.notify_one();
        else
            std::thread([this] { run(); }).detach();
    }

private:
    void run() {
        sigset_t all;  // signals are for the thread that waits
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

// Never destroyed: the thread waits in it until the process ends.
Runner* runner = nullptr;

thread_local bool is_main = ::gettid() == ::getpid();

/// Asked of the system once a thread, as `import threading` would take longer than a call does. After a fork the
/// thread that forked is the child's main one, and the runner's thread is the parent's.
bool in_main_thread() {
    static const bool told_of_forks = ::pthread_atfork(nullptr, nullptr, [] {
                                          is_main = true;
                                          runner = nullptr;
                                      }) == 0;
    return told_of_forks && is_main;
}

/// Runs what Python's handlers have to say to signals; true: they raised something, which is then the call's error.
bool signal_raised() {
    const nb::gil_scoped_acquire held;
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

bool Job::finished_soon() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, signals_seen_within, [this] { return finished_; });
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
            finished = job->finished_soon();
        }
        if (finished) return;
        if (PyErr_CheckSignals() != 0) {
            runner = nullptr;  // belongs to the interrupted job now
            throw nb::python_error();
        }
    }
}

void run_here(const std::shared_ptr<Job>& job) {
    if (in_main_thread()) base::interruption = &signal_raised;
    {
        const nb::gil_scoped_release released;
        job->run();
    }
    base::interruption = nullptr;
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
}

}  // namespace osbot_aws::python

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "sandbox/child.hpp"
#include "sandbox/process.hpp"

namespace osbot_aws::sandbox {
namespace {

/// PR_SET_PDEATHSIG means the *thread* that made the child. Callers' threads come and go, so one thread of the
/// program, which lives as long as it does, makes all plain children.
class Starter {
public:
    static Starter& of_the_program() {
        static Starter& starter = *new Starter;  // never destroyed: its end would kill children during exit()
        return starter;
    }

    void run(const std::function<void()>& job) {
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [&] { return job_ == nullptr; });
        bool done = false;
        job_ = &job;
        done_ = &done;
        wake_.notify_one();
        finished_.wait(lock, [&] { return done; });
    }

private:
    Starter() {
        std::thread([this] { loop(); }).detach();
    }

    [[noreturn]] void loop() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return job_ != nullptr; });
            const std::function<void()>& job = *job_;
            lock.unlock();
            job();
            lock.lock();
            *done_ = true;
            job_ = nullptr;
            finished_.notify_all();
            idle_.notify_one();
        }
    }

    std::mutex mutex_;
    std::condition_variable idle_, wake_, finished_;
    const std::function<void()>* job_ = nullptr;
    bool* done_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Process>> start_plain(Plan& plan, Process_Parts parts) {
    plan.child().die_with = ::getpid();
    int pidfd = -1;
    long pid = -1;
    Starter::of_the_program().run([&] { pid = start_main_process(plan.child(), &pidfd); });
    parts.pidfd = Fd(pidfd);
    if (pid < 0) {
        std::error_code error;
        if (!parts.own_folder.empty()) std::filesystem::remove_all(parts.own_folder, error);
        return step_error(plan.child().failure, plan.subject_of(plan.child().failure));
    }
    parts.pid = static_cast<pid_t>(pid);
    return std::unique_ptr<Process>(std::make_unique<Running_Process>(std::move(parts)));
}

}  // namespace osbot_aws::sandbox

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "sandbox/child.hpp"
#include "sandbox/process.hpp"

namespace osbot_aws::sandbox {
namespace {

/// Starts all plain children on one thread that exists until the program exits. PR_SET_PDEATHSIG kills the child when
/// the *thread* that created it exits, and the threads of callers may exit at any time.
class Starter {
public:
    static Starter& of_the_program() {
        static Starter& starter = *new Starter;  // never destroyed, because that would kill children during exit()
        return starter;
    }

    /// Runs `job` on the thread and returns its result.
    long run(std::function<long()> job) {
        std::packaged_task<long()> task(std::move(job));
        std::future<long> result = task.get_future();
        {
            const std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        wake_.notify_one();
        return result.get();
    }

private:
    Starter() {
        std::thread([this] { loop(); }).detach();
    }

    [[noreturn]] void loop() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return !tasks_.empty(); });
            std::packaged_task<long()> task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::packaged_task<long()>> tasks_;
};

}  // namespace

Result<std::unique_ptr<Process>> start_plain(Plan& plan, Process_Parts parts) {
    plan.child().die_with = ::getpid();
    int pidfd = -1;
    const long pid = Starter::of_the_program().run([&] { return start_main_process(plan.child(), &pidfd); });
    parts.pidfd = Fd(pidfd);
    if (pid < 0) {
        std::error_code error;
        if (!parts.own_folder.empty()) std::filesystem::remove_all(parts.own_folder, error);
        return step_error(plan.child().failure, plan.subject_of(plan.child().failure));
    }
    parts.pid = static_cast<pid_t>(pid);
    parts.inherited_kb = own_memory_kb_peak();
    return std::unique_ptr<Process>(std::make_unique<Running_Process>(std::move(parts)));
}

}  // namespace osbot_aws::sandbox

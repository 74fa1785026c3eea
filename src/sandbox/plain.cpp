#include <signal.h>
#include <sys/epoll.h>

#include <atomic>
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

/// A plain process with companions, which are children of the engine as well. Its cgroup, if any, has all of them.
class Process_Group final : public Process {
public:
    Process_Group(std::unique_ptr<Plan> plan, Process_Parts parts)
        : plan_(std::move(plan)),
          parts_(std::move(parts)),
          exits_(::epoll_create1(EPOLL_CLOEXEC)),
          cgroup_(parts_.cgroup.get()) {}
    ~Process_Group() override {
        companions_.clear();
        if (cgroup_ != nullptr)
            for (const pid_t process : cgroup_->processes()) ::kill(process, SIGKILL);  // that left their sessions
        std::error_code error;
        if (!main_ && !parts_.own_folder.empty()) std::filesystem::remove_all(parts_.own_folder, error);
    }

    Result<void> start_companion(Plan& plan) {
        OSBOT_TRY(auto process, start_plain(plan, {}));
        watch(*process, EPOLL_CTL_ADD);
        companions_.push_back(std::move(process));
        return {};
    }
    Result<void> start_main() override {
        parts_.shares_cgroup = true;
        const auto plan = std::move(plan_);  // its descriptors must not keep the output open
        OSBOT_TRY(main_, start_plain(*plan, std::move(parts_)));
        watch(*main_, EPOLL_CTL_ADD);
        running_main_ = main_.get();
        return {};
    }

    int exit_fd() const override { return exits_.value(); }
    std::optional<Exit> exit() override {
        Process* const process = running_main_;
        const auto ended = process != nullptr ? process->exit() : std::nullopt;
        if (ended && !std::exchange(main_reported_, true)) watch(*process, EPOLL_CTL_DEL);
        return ended;
    }
    std::vector<Companion_Exit> companion_exits() override {
        std::vector<Companion_Exit> ended;
        for (std::size_t i = 0; i < companions_.size(); ++i) {
            const auto exit = companions_[i] ? companions_[i]->exit() : std::nullopt;
            if (!exit) continue;
            ended.push_back({i, *exit});
            watch(*companions_[i], EPOLL_CTL_DEL);
            companions_[i].reset();
        }
        return ended;
    }
    Result<void> set_frozen(bool frozen) override {
        Process* const process = running_main_;
        return process != nullptr ? process->set_frozen(frozen) : Result<void>{};
    }
    void terminate() override {
        if (Process* const process = running_main_) process->terminate();
    }
    void kill() override {
        for (Process* process : all()) process->kill();
    }
    std::uint64_t memory_bytes() const override { return sum(&Process::memory_bytes); }
    std::uint64_t memory_bytes_peak() const override { return sum(&Process::memory_bytes_peak); }
    std::size_t tasks() const override { return sum(&Process::tasks); }
    pid_t pid() const override {
        const Process* const process = running_main_;
        return process != nullptr ? process->pid() : 0;
    }
    Peer_Check peer_check() const override { return nullptr; }
    std::vector<int> take_listeners() override { return {}; }

private:
    void watch(const Process& process, int operation) const {
        epoll_event event = {EPOLLIN, {}};
        ::epoll_ctl(exits_.value(), operation, process.exit_fd(), &event);
    }
    std::vector<Process*> all() const {
        std::vector<Process*> running;
        for (const auto& companion : companions_)
            if (companion) running.push_back(companion.get());
        if (Process* const process = running_main_) running.push_back(process);
        return running;
    }
    /// Adds the values of all processes. The values of a main process with a cgroup include the companions.
    template <class Value>
    Value sum(Value (Process::*value)() const) const {
        const Process* const process = running_main_;
        if (process != nullptr && cgroup_ != nullptr) return (process->*value)();
        Value total = 0;
        for (const Process* each : all()) total += (each->*value)();
        return total;
    }

    std::unique_ptr<Plan> plan_;
    Process_Parts parts_;
    Fd exits_;
    std::unique_ptr<Process> main_;
    std::vector<std::unique_ptr<Process>> companions_;
    const Cgroup* const cgroup_;                    ///< of all processes; of parts_, then of main_
    std::atomic<Process*> running_main_ = nullptr;  ///< main_; start_main() runs on a worker
    bool main_reported_ = false;
};

}  // namespace

Result<std::unique_ptr<Process>> start_plain_companions(std::unique_ptr<Plan> plan, Process_Parts parts,
                                                        std::vector<std::unique_ptr<Plan>> companions) {
    auto group = std::make_unique<Process_Group>(std::move(plan), std::move(parts));
    for (const auto& companion : companions) OSBOT_TRY(group->start_companion(*companion));
    return std::unique_ptr<Process>(std::move(group));
}

Result<std::unique_ptr<Process>> start_plain(Plan& plan, Process_Parts&& parts) {
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

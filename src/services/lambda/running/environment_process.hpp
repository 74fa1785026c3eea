#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "services/lambda/running/platform_log.hpp"
#include "services/lambda/running/process_start.hpp"

namespace osbot_aws::services {

/// A running process of a function. It is sampled, and killed if it exceeds its memory or, if the kernel does not limit
/// them, its number of processes and threads. The destructor kills it and lets a worker thread wait for its exit.
class Environment_Process {
public:
    /// `root`: the root file system of an image, which must exist until the exit. `on_exit`: called when the process
    /// or a companion has exited. `is_working`: returns true while an init or an event runs. `may_freeze`: returns true
    /// if the processes have nothing to receive. The references must outlive this object.
    Environment_Process(Environment_Parts& parts, const Function& function, Platform_Log& log,
                        std::unique_ptr<sandbox::Process> process, std::shared_ptr<const void> root,
                        std::function<void()> on_exit, std::function<bool()> is_working,
                        std::function<bool()> may_freeze);
    ~Environment_Process();

    sandbox::Process& sandboxed() const { return *process_; }
    /// Starts the main process of one with companions, on a worker, and calls `done` unless this object is destroyed.
    void start_main(std::function<void(const Result<void>&)> done);
    /// Returns how it exited, or nullopt while it runs. `out_of_memory` is also true if it was killed here.
    std::optional<sandbox::Exit> exit();
    /// No event runs: the processes are frozen if none follows soon, as on Lambda.
    void idle();
    /// may_freeze() may have become true.
    void freeze_later() {
        if (idle_since_) idle();
    }
    /// Lets the processes run again, before an event.
    void wake();
    /// Starts to sample the use of an event.
    void event_delivered();
    /// Takes a sample for the report of a process that ends before the next one. Deferred, so that the function does
    /// not wait, unless the process may end before: without namespaces, the kernel's peak of a small process is
    /// unknown.
    void sample_initialised();
    /// Returns the highest memory use so far in MB, as of the last second unless `exact`.
    std::uint64_t peak_mb(bool exact);

private:
    void sample_memory_later();
    void freeze_after(std::chrono::nanoseconds delay);
    void freeze_if_idle();
    bool kernel_limits_use() const;
    void sample_use();
    void sample_use_after(std::chrono::milliseconds interval);

    Environment_Parts& parts_;
    const Function& function_;
    Platform_Log& log_;
    std::shared_ptr<sandbox::Process> process_;
    std::shared_ptr<const void> root_;
    std::function<bool()> is_working_, may_freeze_;
    base::Subscription_Ptr exit_watch_, use_timer_;
    std::chrono::milliseconds use_interval_{0};  ///< of use_timer_
    const bool freezes_;
    base::Subscription_Ptr freeze_timer_;
    std::optional<base::Time> idle_since_;
    bool frozen_ = false;
    bool out_of_memory_ = false;
    bool starts_main_ = false;
    std::uint64_t peak_mb_ = 0;
    std::chrono::steady_clock::time_point peak_read_at_{};
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services

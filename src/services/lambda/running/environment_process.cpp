#include "services/lambda/running/environment_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace osbot_aws::services {
namespace {

// A sample takes about 0.1 ms of the loop. With many environments the samples become rare enough to take a fifth of it.
constexpr std::chrono::milliseconds use_sample_interval{50};
constexpr std::chrono::microseconds use_sample_interval_per_environment{500};
constexpr std::chrono::seconds idle_use_sample_interval{1};
constexpr std::chrono::seconds peak_read_interval{1};
// After 10 ms, as measured on Lambda. One timer serves many short events, because each freeze and thaw takes system
// calls.
constexpr std::chrono::milliseconds freeze_delay{10};
constexpr std::uint64_t mib = 1 << 20;

}  // namespace

Environment_Process::Environment_Process(Environment_Parts& parts, const Function& function, Platform_Log& log,
                                         std::unique_ptr<sandbox::Process> process, std::shared_ptr<const void> root,
                                         std::function<void()> on_exit, std::function<bool()> is_working,
                                         std::function<bool()> may_freeze)
    : parts_(parts),
      function_(function),
      log_(log),
      process_(std::move(process)),
      root_(std::move(root)),
      is_working_(std::move(is_working)),
      may_freeze_(std::move(may_freeze)),
      freezes_(parts.options.freeze && parts.sandbox.capabilities().freezer && !parts.is_debugged(function)) {
    assert(process_);
    exit_watch_ = parts_.context.loop.when_readable(process_->exit_fd(), std::move(on_exit));
    sample_memory_later();
    if (!kernel_limits_use()) sample_use_after(use_sample_interval);
}

Environment_Process::~Environment_Process() {
    process_->kill();
    parts_.context.loop.run_blocking(  // waiting for processes to exit must not block the loop
        [process = std::move(process_)]() mutable { process.reset(); }, [root = std::move(root_)] {});
}

void Environment_Process::start_main(std::function<void(const Result<void>&)> done) {
    auto result = std::make_shared<Result<void>>();
    starts_main_ = true;
    parts_.context.loop.run_blocking([process = process_, result] { *result = process->start_main(); },
                                     [this, alive = std::weak_ptr<int>(alive_), result, done = std::move(done)] {
                                         if (alive.expired()) return;
                                         starts_main_ = false;
                                         done(*result);
                                     });
}

std::optional<sandbox::Exit> Environment_Process::exit() {
    if (starts_main_) return std::nullopt;  // its error follows
    auto exit = process_->exit();
    if (exit) exit->out_of_memory = out_of_memory_ = out_of_memory_ || exit->out_of_memory;
    return exit;
}

void Environment_Process::sample_memory_later() {
    parts_.context.loop.post([this, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) process_->memory_bytes();
    });
}

void Environment_Process::sample_initialised() {
    if (parts_.sandbox.capabilities().namespaces) return sample_memory_later();
    process_->memory_bytes();
}

void Environment_Process::idle() {
    idle_since_ = parts_.context.now();
    if (freezes_ && !freeze_timer_) freeze_after(freeze_delay);
}

void Environment_Process::freeze_after(std::chrono::nanoseconds delay) {
    freeze_timer_ = parts_.context.loop.after(delay, [this] { freeze_if_idle(); });
}

void Environment_Process::freeze_if_idle() {
    freeze_timer_.reset();
    if (!idle_since_) return;
    const auto remaining = *idle_since_ + freeze_delay - parts_.context.now();
    if (remaining.count() > 0) return freeze_after(remaining);
    if (!may_freeze_()) return;  // freeze_later() follows
    frozen_ = process_->set_frozen(true).has_value();
}

void Environment_Process::wake() {
    idle_since_.reset();
    if (!std::exchange(frozen_, false)) return;
    if (const auto thawed = process_->set_frozen(false); !thawed) {
        log_.line(fmt::format("The function's processes cannot continue after a pause: {}", thawed.error().message));
        process_->kill();
    }
}

/// Returns true if the process cannot take much more than its limits between two samples.
bool Environment_Process::kernel_limits_use() const {
    const sandbox::Capabilities& kernel = parts_.sandbox.capabilities();
    return kernel.cgroup && kernel.processes;
}

void Environment_Process::event_delivered() {
    // The kernel counts /tmp as memory and Lambda does not, so the kernel's limit is only a last resort: the limit of
    // the function is enforced by sampling. One timer serves many short events; it stops at the first tick without an
    // event.
    if (!use_timer_ || use_interval_ > use_sample_interval) sample_use_after(use_sample_interval);
}

/// Without limits of the kernel, the process is also sampled between events, when it can continue to run.
void Environment_Process::sample_use() {
    const bool working = is_working_();
    if (!working && kernel_limits_use()) return use_timer_.reset();
    if (process_->memory_bytes() > static_cast<std::uint64_t>(function_.memory_mb) * mib) {
        out_of_memory_ = true;
        return process_->kill();
    }
    if (!parts_.sandbox.capabilities().processes && process_->tasks() > sandbox::processes_and_threads_max) {
        log_.line(fmt::format("The function exceeded its limit of {} processes and threads",
                              sandbox::processes_and_threads_max));
        return process_->kill();
    }
    sample_use_after(working ? use_sample_interval : idle_use_sample_interval);
}

void Environment_Process::sample_use_after(std::chrono::milliseconds interval) {
    use_interval_ = interval;
    use_timer_ = parts_.context.loop.after(
        std::max<std::chrono::microseconds>(interval, use_sample_interval_per_environment * parts_.environments),
        [this] { sample_use(); });
}

std::uint64_t Environment_Process::peak_mb(bool exact) {
    const auto now = std::chrono::steady_clock::now();
    if (!exact && now - peak_read_at_ <= peak_read_interval) return peak_mb_;  // too slow to read for each warm event
    peak_read_at_ = now;
    peak_mb_ = (process_->memory_bytes_peak() + mib - 1) / mib;
    if (out_of_memory_) peak_mb_ = std::max(peak_mb_, static_cast<std::uint64_t>(function_.memory_mb));
    return peak_mb_;
}

}  // namespace osbot_aws::services

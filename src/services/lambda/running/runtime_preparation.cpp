#include "services/lambda/running/runtime_preparation.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "base/subprocess.hpp"

namespace osbot_aws::services {
namespace {

Result<void> install_now(Runtime_Support& support, const Support_Target& target) {
    try {
        return support.install(target.runtime, target.interpreter);
    } catch (const std::exception& error) {  // e.g. no temporary folder, because the disk is full
        return Error{"InstallFailed", error.what(), 0};
    }
}

/// Runs on a worker thread.
void install(Runtime_Support& support, const Support_Target& target, const base::Unique_Fd& cancellation) {
    base::log_info("installing the packages of {}", target.runtime);
    base::cancellation_fd = cancellation.fd();
    const auto installed = install_now(support, target);
    base::cancellation_fd = -1;
    if (!installed)
        base::log_warning("the packages of {} are not installed: {}", target.runtime, installed.error().message);
}

}  // namespace

void Runtime_Preparation::prepare(const std::string& runtime, std::function<void()> done) {
    if (stopped_) return;
    if (!runtimes_.has_support(runtime)) return done();
    const auto missing = std::make_shared<std::optional<Support_Target>>();
    context_.loop.run_blocking(
        [&runtimes = runtimes_, runtime, missing] { *missing = runtimes.missing_support(runtime); },
        [this, alive = std::weak_ptr(alive_), missing, done = std::move(done)] {
            if (alive.expired() || stopped_) return;
            if (!*missing) return done();
            wait(**missing, done);
        });
}

void Runtime_Preparation::wait(const Support_Target& target, std::function<void()> done) {
    auto& waiting = waiting_[target.runtime];
    if (waiting.empty() && installing_ != target.runtime) queue_.push_back(target);
    const int number = ++last_number_;
    waiting[number] = {std::move(done),
                       context_.loop.after(preparation_time_max, [this, runtime = target.runtime, number] {
                           const auto node = waiting_[runtime].extract(number);
                           node.mapped().done();
                       })};
    start_next();
}

void Runtime_Preparation::start_next() {
    if (cancellation_ || queue_.empty()) return;
    const Support_Target target = std::move(queue_.front());
    queue_.pop_front();
    installing_ = target.runtime;
    cancellation_ = std::make_shared<base::Unique_Fd>(::eventfd(0, EFD_CLOEXEC));
    context_.loop.run_blocking(
        [support = runtimes_.support(), target, cancellation = cancellation_] {
            install(*support, target, *cancellation);
        },
        [this, alive = std::weak_ptr(alive_), runtime = target.runtime, cancellation = cancellation_] {
            if (!alive.expired() && cancellation == cancellation_) finish(runtime);
        });
}

void Runtime_Preparation::finish(const std::string& runtime) {
    cancellation_.reset();
    installing_.clear();
    for (const auto& [number, waiting] : std::exchange(waiting_[runtime], {})) waiting.done();
    start_next();
}

void Runtime_Preparation::cancel() {
    queue_.clear();
    waiting_.clear();
    installing_.clear();
    if (!cancellation_) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(cancellation_->fd(), &one, sizeof one);
    cancellation_.reset();
}

}  // namespace osbot_aws::services

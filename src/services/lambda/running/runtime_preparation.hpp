#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/files.hpp"
#include "services/context.hpp"
#include "services/lambda/running/runtimes.hpp"

namespace osbot_aws::services {

/// A function becomes Active at the latest this long after its code was unpacked, also if an installation is slow. The
/// installation continues. Clients wait for 60 s or longer.
constexpr std::chrono::seconds preparation_time_max{30};

/// Installs the packages of runtimes while their first functions are Pending, never during an invocation. One
/// installation at a time, on a worker thread. Loop thread only.
class Runtime_Preparation {
public:
    /// `runtimes` must exist until the workers have finished.
    Runtime_Preparation(Context& context, Runtimes& runtimes) : context_(context), runtimes_(runtimes) {}
    ~Runtime_Preparation() { cancel(); }

    /// Calls `done` when the packages of the runtime are installed, when their installation failed, or after
    /// preparation_time_max; immediately for runtimes without packages.
    void prepare(const std::string& runtime, std::function<void()> done);
    /// Ends the installation in progress, and forgets the callbacks.
    void cancel();
    /// As cancel(), and prepares no runtime any more: a worker that ends must not start the next installation.
    void stop() {
        stopped_ = true;
        cancel();
    }

private:
    struct Waiting {
        std::function<void()> done;
        base::Subscription_Ptr limit;
    };

    void wait(const Support_Target& target, std::function<void()> done);
    void start_next();
    void finish(const std::string& runtime);

    Context& context_;
    Runtimes& runtimes_;
    std::map<std::string, std::map<int, Waiting>> waiting_;  ///< by the runtime of the interpreter, then by number
    int last_number_ = 0;
    std::deque<Support_Target> queue_;
    std::string installing_;  ///< the runtime of the installation in progress
    bool stopped_ = false;
    std::shared_ptr<base::Unique_Fd> cancellation_;  ///< of the installation in progress; nullptr: none
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services

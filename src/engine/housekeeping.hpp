#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/space_limits.hpp"
#include "services/context.hpp"
#include "services/images/images.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/logs/logs.hpp"

namespace osbot_aws::engine {

/// An item that was removed, or that a dry run would remove.
struct Pruned_Item {
    std::string kind;  ///< logs, code, images
    std::string name;  ///< of the folder or the image; for logs, the number of events
    std::uint64_t bytes = 0;
};

/// Keeps the engine's data on the disk within its limits, and frees space on request. Never removes data that is in
/// use: the code of an execution environment, the image of a function. Worker threads measure and delete.
/// Loop thread only.
class Housekeeping {
public:
    Housekeeping(services::Context& context, services::Code_Folders& code, services::Images& images,
                 services::Logs& logs, Space_Limits limits);

    const Space_Limits& limits() const { return limits_; }

    /// Removes data down to these limits now and calls `done` with the removed items. A dry run only lists them.
    /// Images without a name are removed first, then the ones imported longest ago.
    void prune(const Space_Limits& limits, bool dry_run, std::function<void(std::vector<Pruned_Item>)> done);

    static constexpr std::chrono::minutes interval{1};
    /// Log events erased in one transaction. Other writes wait for it.
    static constexpr std::uint64_t log_events_per_batch = 5'000;
    /// The log is also checked after it grew by this part of its limit, in these bounds, so that a function that prints
    /// fast cannot exceed the limit by more.
    static constexpr std::uint64_t log_growth_share = 16, log_growth_bytes_min = 1 << 20,
                                   log_growth_bytes_max = 32 << 20;

private:
    struct Work;

    void check_limits();
    void watch_log();
    void check_growing_log();
    void prune_images(Work& work);
    void prune_code(const std::shared_ptr<Work>& work);
    void prune_logs(const std::shared_ptr<Work>& work);
    void erase_logs(const std::shared_ptr<Work>& work, std::uint64_t bytes, std::uint64_t events);

    services::Context& context_;
    services::Code_Folders& code_;
    services::Images& images_;
    services::Logs& logs_;
    Space_Limits limits_;
    base::Subscription_Ptr timer_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::engine

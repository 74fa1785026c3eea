#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/context.hpp"
#include "engine/images/images.hpp"
#include "engine/lambda/code_folders.hpp"
#include "engine/space_limits.hpp"

namespace osbot_aws::engine {

/// One thing that went, or would go.
struct Pruned {
    std::string kind;  ///< logs, code, images
    std::string name;  ///< of a folder, an image; of logs how many events
    std::uint64_t bytes = 0;
};

/// Keeps what the engine has on disk within its limits, and makes room when asked to. It never takes what can't be had
/// again and is needed: an environment's code, an image that a function runs. The looking and removing is done by
/// workers. Loop thread only.
class Housekeeping {
public:
    Housekeeping(Context& context, Code_Folders& code, Images& images, Space_Limits limits);

    const Space_Limits& limits() const { return limits_; }

    /// Down to these limits now; `done` with what went (dry run: would go). Images first in line are those without a
    /// name; those with one go by the age of their import.
    void prune(const Space_Limits& limits, bool dry_run, std::function<void(std::vector<Pruned>)> done);

    static constexpr std::chrono::minutes interval{1};
    /// As many log events are erased in one transaction: others wait for it.
    static constexpr std::uint64_t log_events_at_once = 5'000;

private:
    struct Work;

    void look();
    void prune_images(Work& work);
    void prune_code(const std::shared_ptr<Work>& work);
    void prune_logs(const std::shared_ptr<Work>& work);
    void erase_logs(const std::shared_ptr<Work>& work, std::uint64_t bytes, std::uint64_t events);

    Context& context_;
    Code_Folders& code_;
    Images& images_;
    Space_Limits limits_;
    base::Subscription_Ptr timer_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::engine

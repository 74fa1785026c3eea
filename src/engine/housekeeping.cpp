#include "engine/housekeeping.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {

struct Housekeeping::Work {
    Space_Limits limits;
    bool dry_run = false;
    std::function<void(std::vector<Pruned_Item>)> done;
    std::vector<Pruned_Item> pruned = {};
    std::uint64_t log_events_erased = 0, log_bytes_before = 0;
    std::optional<std::uint64_t> record_bytes = {};  ///< measured once, because that reads all records

    void finish(std::uint64_t log_bytes_now) {
        if (log_events_erased > 0)
            pruned.push_back({"logs", fmt::format("{} events", log_events_erased),
                              log_bytes_before - std::min(log_bytes_before, log_bytes_now)});
        done(std::move(pruned));
    }
};

namespace {

void log_pruned(const std::vector<Pruned_Item>& pruned) {
    for (const Pruned_Item& item : pruned)
        base::log_info("{} exceed their limit: removed {} ({} bytes)", item.kind, item.name, item.bytes);
}

}  // namespace

Housekeeping::Housekeeping(services::Context& context, services::Code_Folders& code, services::Images& images,
                           services::Logs& logs, Space_Limits limits)
    : context_(context), code_(code), images_(images), logs_(logs), limits_(limits) {
    timer_ = context_.loop.after(interval, [this] { check_limits(); });
    watch_log();
}

void Housekeeping::watch_log() {
    const std::uint64_t growth =
        std::clamp(limits_.logs_bytes_max / log_growth_share, log_growth_bytes_min, log_growth_bytes_max);
    logs_.when_grown(growth, [this, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) check_growing_log();
    });
}

/// Functions that print fast wait until the log is within its limit again: erasing would otherwise not keep pace.
void Housekeeping::check_growing_log() {
    logs_.pause();
    prune_logs(std::make_shared<Work>(Work{limits_, false, [this](const std::vector<Pruned_Item>& pruned) {
                                               log_pruned(pruned);
                                               logs_.resume();
                                               watch_log();
                                           }}));
}

void Housekeeping::check_limits() {
    prune(limits_, false, &log_pruned);
    timer_ = context_.loop.after(interval, [this] { check_limits(); });
}

void Housekeeping::prune(const Space_Limits& limits, bool dry_run, std::function<void(std::vector<Pruned_Item>)> done) {
    auto work = std::make_shared<Work>(Work{limits, dry_run, std::move(done)});
    prune_images(*work);
    prune_code(work);
}

void Housekeeping::prune_images(Work& work) {
    if (!work.limits.images_bytes_max) return;
    std::vector<services::Image_Ptr> all = images_.list(), unused = images_.unused();
    std::uint64_t total = 0;
    for (const services::Image_Ptr& image : all) total += image->bytes;
    std::sort(unused.begin(), unused.end(), [](const services::Image_Ptr& a, const services::Image_Ptr& b) {
        return std::pair(!a->names.empty(), a->imported_at) < std::pair(!b->names.empty(), b->imported_at);
    });
    for (const services::Image_Ptr& image : unused) {
        if (total <= *work.limits.images_bytes_max) break;
        if (!work.dry_run && !images_.remove("sha256:" + image->digest)) continue;
        total -= image->bytes;
        work.pruned.push_back(
            {"images", image->names.empty() ? "sha256:" + image->digest : image->names.front(), image->bytes});
    }
}

void Housekeeping::prune_code(const std::shared_ptr<Work>& work) {
    code_.trim(work->limits.code_bytes_max, work->dry_run,
               [this, alive = std::weak_ptr<int>(alive_), work](std::vector<services::Code_Folders::Unused> unused) {
                   if (alive.expired()) return;
                   for (services::Code_Folders::Unused& folder : unused)
                       work->pruned.push_back({"code", std::move(folder.name), folder.bytes});
                   prune_logs(work);
               });
}

void Housekeeping::prune_logs(const std::shared_ptr<Work>& work) {
    auto space = std::make_shared<store::Database_Space>();
    context_.loop.run_blocking(
        [&store = context_.store, work, space] {
            *space = store.space();
            if (space->bytes <= work->limits.logs_bytes_max) return;
            if (!work->record_bytes) work->record_bytes = store.record_bytes();
            space->bytes -= std::min(space->bytes, *work->record_bytes);
        },
        [this, alive = std::weak_ptr<int>(alive_), work, space] {
            if (!alive.expired()) erase_logs(work, space->bytes, space->log_events);
        });
}

/// Erases events in batches until the logs are within the limit. Measures the size again after each batch.
void Housekeeping::erase_logs(const std::shared_ptr<Work>& work, std::uint64_t bytes, std::uint64_t events) {
    if (work->log_bytes_before == 0) work->log_bytes_before = bytes;
    if (events == 0 || bytes <= work->limits.logs_bytes_max) return work->finish(bytes);
    // Events are of similar size, so the share of events to erase equals the share of excess bytes.
    const std::uint64_t estimate = (bytes - work->limits.logs_bytes_max) * events / bytes + 1;
    const std::uint64_t excess_events = std::min(estimate, events);
    if (work->dry_run) {
        work->log_events_erased = excess_events;
        return work->finish(work->limits.logs_bytes_max);
    }
    const std::uint64_t batch = std::min(excess_events, log_events_per_batch);
    work->log_events_erased += batch;
    context_.store.erase_oldest_logs(batch);
    const auto after_write = [this, alive = std::weak_ptr<int>(alive_), work](bool succeeded) {
        if (alive.expired()) return;
        succeeded ? prune_logs(work) : work->finish(work->log_bytes_before);
    };
    context_.store.when_durable(
        context_.store.last_change(), [&loop = context_.loop, after_write](const Result<void>& outcome) {
            loop.post([after_write, succeeded = outcome.has_value()] { after_write(succeeded); });
        });
}

}  // namespace osbot_aws::engine

#include "services/logs/log_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
constexpr std::size_t put_bytes_max = 1'048'576;
constexpr std::int64_t batch_span_ms_max = day_ms, age_ms_max = 14 * day_ms, future_ms_max = 2 * hour_ms;
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
constexpr std::array retention_days_allowed{1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                            365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
constexpr std::size_t log_tags_max = 50;

}  // namespace

Error bad_log_parameter(std::string message) { return {"InvalidParameterException", std::move(message)}; }

Error invalid_pattern() { return bad_log_parameter("Invalid filter pattern"); }

std::optional<Error> bad_retention(int days) {
    if (std::ranges::find(retention_days_allowed, days) != retention_days_allowed.end()) return std::nullopt;
    return bad_log_parameter(
        fmt::format("1 validation error detected: Value '{}' at 'retentionInDays' failed to satisfy constraint: "
                    "Member must satisfy enum value set: [{}]",
                    days, fmt::join(retention_days_allowed, ", ")));
}

Result<void> add_log_tags(Log_Tags& tags, const Log_Tags& added) {
    Log_Tags all = tags;
    for (const auto& [key, value] : added) {
        if (key.starts_with("aws:"))
            return bad_log_parameter("Tag keys starting with 'aws:' are reserved for system use.");
        all[key] = value;
    }
    if (all.size() > log_tags_max) {
        return Error{"TooManyTagsException", fmt::format("A resource can have {} tags at most.", log_tags_max)};
    }
    tags = std::move(all);
    return {};
}

std::optional<Error> bad_log_batch(const std::vector<store::Log_Event>& events) {
    assert(!events.empty());  // the model requires one
    std::size_t bytes = 0;
    for (const auto& event : events) bytes += event.message.size() + bytes_per_event;
    if (bytes > put_bytes_max) {
        return bad_log_parameter(fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, put_bytes_max));
    }
    const auto earlier = [](const auto& a, const auto& b) { return a.timestamp_ms < b.timestamp_ms; };
    if (!std::ranges::is_sorted(events, earlier)) {
        return bad_log_parameter("Log events in a single PutLogEvents request must be in chronological order.");
    }
    if (events.back().timestamp_ms - events.front().timestamp_ms > batch_span_ms_max) {
        return bad_log_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
    }
    return std::nullopt;
}

Rejected_Log_Events reject_log_events(std::vector<store::Log_Event>& events, std::int64_t now_ms,
                                      std::optional<std::int64_t> retention_start_ms) {
    const auto first_at_or_after = [&](std::int64_t ms) {
        const auto at = std::ranges::lower_bound(events, ms, {}, &store::Log_Event::timestamp_ms);
        return static_cast<std::size_t>(at - events.begin());
    };
    const auto too_old = first_at_or_after(now_ms - age_ms_max),
               too_new = first_at_or_after(now_ms + future_ms_max + 1);
    const auto expired = retention_start_ms ? first_at_or_after(*retention_start_ms) : 0;
    Rejected_Log_Events rejected;
    if (too_new < events.size()) rejected.too_new_from = too_new;
    if (too_old > 0) rejected.too_old_to = too_old;
    if (expired > 0) rejected.expired_to = expired;
    events.resize(too_new);
    const auto begin = std::min(std::max(too_old, expired), events.size());
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(begin));
    return rejected;
}

Error no_group() { return {"ResourceNotFoundException", "The specified log group does not exist."}; }
Error no_stream() { return {"ResourceNotFoundException", "The specified log stream does not exist."}; }

}  // namespace osbot_aws::services

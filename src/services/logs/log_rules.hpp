#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/log_sizes.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

inline constexpr std::int64_t day_ms = 24 * 60 * 60 * 1000;
inline constexpr std::size_t bytes_per_event = store::log_event_overhead;

// The rules of CloudWatch Logs that its model does not have, with its error messages. All errors are
// InvalidParameterExceptions, except TooManyTagsException.

Error bad_log_parameter(std::string message);
Error invalid_pattern();

std::optional<Error> bad_retention(int days);

using Log_Tags = std::map<std::string, std::string>;
/// Adds or replaces tags. Errors: TooManyTagsException.
Result<void> add_log_tags(Log_Tags& tags, const Log_Tags& added);

/// The events of a PutLogEvents request that were rejected, at the start and at the end of the batch.
struct Rejected_Log_Events {
    std::optional<std::size_t> too_new_from, too_old_to, expired_to;  ///< indexes; `to` is exclusive
};

/// Checks a batch of PutLogEvents with at least one event. An error rejects the whole batch.
std::optional<Error> bad_log_batch(const std::vector<store::Log_Event>& events);
/// Removes events that are expired, too old or too new from a batch in chronological order.
Rejected_Log_Events reject_log_events(std::vector<store::Log_Event>& events, std::int64_t now_ms,
                                      std::optional<std::int64_t> retention_start_ms);

Error no_group();   ///< ResourceNotFoundException
Error no_stream();  ///< ResourceNotFoundException

}  // namespace osbot_aws::services

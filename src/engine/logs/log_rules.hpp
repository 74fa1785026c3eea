#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {

// What CloudWatch Logs asks of names, numbers and batches, in its words. All errors are InvalidParameterExceptions,
// except TooManyTagsException.

Error bad_log_parameter(std::string message);
Error unsatisfied_log_parameter(std::string_view value, std::string_view member, std::string_view constraint);

std::optional<Error> bad_log_group_name(const std::string& name);
std::optional<Error> bad_log_stream_name(const std::string& name);
std::optional<Error> bad_log_limit(int limit, int max);
std::optional<Error> bad_retention(int days);

using Log_Tags = std::map<std::string, std::string>;
/// Adds or replaces. Errors: TooManyTagsException.
Result<void> add_log_tags(Log_Tags& tags, const Log_Tags& added);

/// Of a PutLogEvents: the counts of events at the beginning and at the end that were not taken.
struct Rejected_Log_Events {
    std::optional<std::size_t> too_new_from, too_old_to, expired_to;  ///< indexes; `to` is exclusive
};

/// Of a batch of PutLogEvents, what is wrong with all of it.
std::optional<Error> bad_log_batch(const std::vector<store::Log_Event>& events);
/// Removes what is too old or too new from a batch that is in order.
Rejected_Log_Events reject_log_events(std::vector<store::Log_Event>& events, std::int64_t now_ms,
                                      std::optional<std::int64_t> kept_from_ms);

Error no_group();   ///< ResourceNotFoundException
Error no_stream();  ///< ResourceNotFoundException

}  // namespace osbot_aws::engine

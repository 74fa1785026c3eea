#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace osbot_aws::store {

class Store;
struct Log_Event;
struct Log_Query;
struct Found_Log_Event;

/// The bytes that CloudWatch Logs counts for each event beside its message.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
constexpr std::uint64_t log_event_overhead = 26;

std::uint64_t log_event_bytes(const Log_Event& event);
std::uint64_t log_event_bytes(const std::vector<Found_Log_Event>& events);

/// Returns true if a result is below the limits of its query: no other events follow.
bool is_last_page(const Log_Query& query, const std::vector<Found_Log_Event>& found);

/// Returns the size of the events of a group: that of their messages, and log_event_overhead for each. Does not wait
/// for events that are still queued. Throws Aws_Exception, as Store::find_logs().
std::uint64_t log_bytes(Store& store, const std::string& group);

}  // namespace osbot_aws::store

#pragma once

#include <cstdint>
#include <string>

namespace osbot_aws::store {

class Store;

/// The bytes that CloudWatch Logs counts for each event beside its message.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
constexpr std::uint64_t log_event_overhead = 26;

/// Returns the size of the events of a group: that of their messages, and log_event_overhead for each. Includes events
/// that are still queued. Throws Aws_Exception, as Store::find_logs().
std::uint64_t log_bytes(Store& store, const std::string& group);

}  // namespace osbot_aws::store

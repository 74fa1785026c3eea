#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

#include "base/result.hpp"

namespace osbot_aws {

/// Maximum number of log groups of one session. Source: API_StartLiveTail.html
constexpr std::size_t live_tail_groups_max = 10;

struct Live_Tail_Query {
    std::vector<std::string> log_groups;  ///< one to live_tail_groups_max names
    std::string filter_pattern = {};
};

/// Receives the events of live_tail().
class Live_Tail_Reader {
public:
    virtual ~Live_Tail_Reader() = default;
    /// Called once, when the session has started. All later events are passed to events(). To read earlier events, use
    /// other calls on another Session.
    virtual void started() = 0;
    /// Called for new events: [{logGroupIdentifier (ACCOUNT:NAME), logStreamName, message, timestamp, ingestionTime}].
    virtual void events(const Json& events) = 0;
};

/// Passes new events of log groups to the reader, with StartLiveTail of CloudWatch Logs. Blocks until the service ends
/// the session, after at most three hours, or until an error. Errors: AccessDeniedException, ResourceNotFoundException,
/// LimitExceededException; EventStreamError; ConnectionClosedError and other connection errors.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
Result<void> live_tail(const Session& session, const Live_Tail_Query& query, Live_Tail_Reader& reader);

}  // namespace osbot_aws

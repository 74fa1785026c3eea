#pragma once

#include <functional>
#include <string>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

#include "base/result.hpp"

namespace osbot_aws {

struct Live_Tail_Query {
    std::string log_group, filter_pattern = {};
};

/// Receives the events of live_tail().
class Live_Tail_Reader {
public:
    virtual ~Live_Tail_Reader() = default;
    /// Called once, when the session has started. All later events are passed to events(). To read earlier events, use
    /// other calls on another Session.
    virtual void started() = 0;
    /// Called for new events: [{logStreamName, message, timestamp, ingestionTime}].
    virtual void events(const Json& events) = 0;
};

/// Passes new events of a log group to the reader, with StartLiveTail of CloudWatch Logs. Blocks until the service ends
/// the session, after at most three hours, or until an error. Errors: AccessDeniedException, ResourceNotFoundException,
/// LimitExceededException; EventStreamError; ConnectionClosedError and other connection errors.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
Result<void> live_tail(const Session& session, const Live_Tail_Query& query, Live_Tail_Reader& reader);

}  // namespace osbot_aws

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

/// CloudWatch Logs' StartLiveTail: what is written to a log group, as it comes, until it breaks off.
class Live_Tail_Reader {
public:
    virtual ~Live_Tail_Reader() = default;
    /// From now on every event is told; what came before can be asked for by other calls, of another session.
    virtual void started() = 0;
    /// [{logStreamName, message, timestamp, ingestionTime}]
    virtual void events(const Json& events) = 0;
};

/// Blocks. An end without an error is the service's: a session lasts three hours at most.
/// Errors: AccessDeniedException, ResourceNotFoundException, LimitExceededException; those of a connection that breaks
/// off; EventStreamError.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
Result<void> live_tail(const Session& session, const Live_Tail_Query& query, Live_Tail_Reader& reader);

}  // namespace osbot_aws

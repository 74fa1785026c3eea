#pragma once

#include "services/logs/logs.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

Operations logs_operations(Logs& logs);

/// StartLiveTail: a response in application/vnd.amazon.eventstream that continues until the client disconnects, for at
/// most three hours. The events are `initial-response`, `sessionStart`, then `sessionUpdate`s, all JSON; the last is
/// the exception `SessionTimeoutException`. In-process callers do not read a stream: their response ends within a
/// second.
void start_live_tail(Logs& logs, Call&& call, const Answer& answer);

}  // namespace osbot_aws::services

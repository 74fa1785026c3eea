#pragma once

#include <string>

#include "engine/logs/logs.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// StartLiveTail: an answer in application/vnd.amazon.eventstream that goes on for as long as its reader stays, three
/// hours at most. Its events: `initial-response`, `sessionStart`, then `sessionUpdate`s, all JSON; at the end the
/// exception `SessionTimeoutException`. In process there is nobody who reads on: the answer ends within a second.
wire::Response start_live_tail(engine::Logs& logs, const engine::Account& account, const wire::Request& request,
                               const std::string& request_id);

}  // namespace osbot_aws::server

#pragma once

#include <string>

#include "base/clock.hpp"
#include "engine/request_log.hpp"

namespace osbot_aws::cli {

/// Formats a request for the log of `osbot local start --foreground`. Errors (status 400 and more) start with "!" and
/// have a colour: "12:00:01 ! POST lambda Invoke 404 0.2 ms".
std::string request_line(const engine::Handled_Request& request, base::Time now);

/// Prints the line on stderr. Discards it if the reader of stderr is too slow: the engine must not wait for it.
void print_request(const engine::Handled_Request& request);

}  // namespace osbot_aws::cli

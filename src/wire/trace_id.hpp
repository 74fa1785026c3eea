#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace osbot_aws::wire {

/// Returns the trace of an event, as in `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0`.
/// The parts in `sent`, the client's X-Amzn-Trace-Id, are used. `traced`: sample an event that the client did not
/// decide on. Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
std::string trace_id(std::string_view sent, bool traced, base::Time now);

}  // namespace osbot_aws::wire

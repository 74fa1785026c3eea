#pragma once

#include <vector>

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// In the child, inside its network namespace: brings `lo` up, listens on plan.ports at 127.0.0.1 and sends the
/// sockets to the engine over plan.report_fd, one message each before any Report.
Failure open_listeners(const Child_Plan& plan);

/// In the engine: the next message of the first process. A listener, when one came with it, is added to `listeners`.
/// False at the end of the conversation. Blocks as asked.
bool receive_report(int fd, bool wait, Report& report, std::vector<int>& listeners);

}  // namespace osbot_aws::sandbox

#pragma once

#include <vector>

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// Brings `lo` up, listens on plan.ports at 127.0.0.1 and sends the sockets to the engine over plan.report_fd, one
/// message each, before any Report. Runs in the child, inside its network namespace.
Failure open_listeners(const Child_Plan& plan);

/// Receives the next Report of the first process; runs in the engine. Sockets that arrive before it are added to
/// `listeners`. Returns false if the connection is closed, or if `wait` is false and no report is available.
bool receive_report(int fd, bool wait, Report& report, std::vector<int>& listeners);

}  // namespace osbot_aws::sandbox

#pragma once

namespace osbot_aws::runtime {

/// Inside Lambda, prepares the process before main(), so that the init phase loses no output either: standard output is
/// written line by line, and a crash is reported. Does nothing outside Lambda and from the second call on.
void prepare_process();

}  // namespace osbot_aws::runtime

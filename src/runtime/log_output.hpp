#pragma once

namespace osbot_aws::runtime {

/// Writes each line of standard output when it is complete, because a function may be killed at any moment. A pipe is
/// fully buffered by default. Call it before main().
void write_lines_immediately();

/// Does the same for std::cout and std::clog, if the program called std::ios::sync_with_stdio(false), which gives them
/// buffers of their own. Call it before the first event.
void join_streams_with_stdio();

/// Writes all buffered output. The output of a handler belongs to its event, so it must be in the pipe before the
/// response is sent.
void flush_output();

}  // namespace osbot_aws::runtime

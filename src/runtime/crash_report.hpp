#pragma once

namespace osbot_aws::runtime {

/// Makes a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS) write a report to standard error before
/// the process ends as it would without: the signal, and the call stack as module+offset for addr2line. Signals that
/// the program or a sanitizer handles are left alone.
void report_crashes();

}  // namespace osbot_aws::runtime

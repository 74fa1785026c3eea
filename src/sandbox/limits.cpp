#include "sandbox/limits.hpp"

#include <sys/resource.h>

#include "sandbox/raw.hpp"

namespace osbot_aws::sandbox {
namespace {

// Lambda's limit: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr rlim_t files_max = 1024;

OSBOT_CHILD long set(int resource, rlim_t maximum) {
    rlimit current = {};
    if (raw::call(SYS_prlimit64, 0, resource, nullptr, &current) < 0) return -1;
    if (maximum > current.rlim_max) maximum = current.rlim_max;  // raising a hard limit needs privileges
    const rlimit limit = {maximum, maximum};
    return raw::call(SYS_prlimit64, 0, resource, &limit, nullptr);
}

}  // namespace

OSBOT_CHILD Failure set_limits(const Child_Plan& plan) {
    if (set(RLIMIT_CORE, 0) < 0) return {Step::limits, errno, 0};
    if (set(RLIMIT_NOFILE, files_max) < 0) return {Step::limits, errno, 0};
    if (plan.limit_processes && set(RLIMIT_NPROC, processes_and_threads_max) < 0) return {Step::limits, errno, 0};
    return {};
}

}  // namespace osbot_aws::sandbox

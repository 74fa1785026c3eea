#pragma once

#include "base/result.hpp"

namespace osbot_aws::sandbox {

/// The steps of the child. Each is a function of the child and has an Error code of start().
enum class Step : int {
    none,
    clone,
    id_map,
    private_mounts,
    new_root,
    mount,
    old_root,
    loopback,
    listen,
    fork,
    output,
    cgroup,
    limits,
    no_new_privs,
    seccomp,
    directory,
    exec,
    lost,  ///< the child exited without a report
};

/// The step that failed, errno, and the index of the mount or port; of exec, the number of the companion, or 0.
struct Failure {
    Step step = Step::none;
    int error = 0;
    int index = 0;
};

/// Returns the Error of start(). `subject` is the path or call, may be empty.
Error step_error(const Failure& failure, const std::string& subject);

}  // namespace osbot_aws::sandbox

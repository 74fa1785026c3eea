#pragma once

#include "base/result.hpp"

namespace osbot_aws::sandbox {

/// What the child was doing. Each is one function of the child and one Error code of start().
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
    lost,  ///< the child ended without a word
};

/// Which step failed, why, and on which of its things (the index of a mount or of a port).
struct Failure {
    Step step = Step::none;
    int error = 0;
    int index = 0;
};

/// The Error of start(): `what` is the path or call.
Error step_error(const Failure& failure, const std::string& what);

}  // namespace osbot_aws::sandbox

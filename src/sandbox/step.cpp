#include "sandbox/step.hpp"

#include <fmt/format.h>

#include <system_error>

namespace osbot_aws::sandbox {
namespace {

struct Step_Words {
    const char* code;
    const char* action;
};

Step_Words words_of(Step step) {
    switch (step) {
        case Step::none:
            break;
        case Step::clone:
            return {"SandboxCloneFailed", "creating a process"};
        case Step::id_map:
            return {"SandboxUserMapFailed", "mapping the user"};
        case Step::private_mounts:
            return {"SandboxMountFailed", "making the mounts private"};
        case Step::new_root:
            return {"SandboxMountFailed", "creating a new root"};
        case Step::mount:
            return {"SandboxMountFailed", "mounting"};
        case Step::old_root:
            return {"SandboxMountFailed", "leaving the host's root"};
        case Step::loopback:
            return {"SandboxNetworkFailed", "bringing the loopback interface up"};
        case Step::listen:
            return {"SandboxNetworkFailed", "listening inside the network namespace"};
        case Step::fork:
            return {"SandboxCloneFailed", "starting the function's process"};
        case Step::output:
            return {"SandboxOutputFailed", "connecting stdout and stderr"};
        case Step::cgroup:
            return {"SandboxCgroupFailed", "entering the cgroup"};
        case Step::limits:
            return {"SandboxLimitsFailed", "setting the resource limits"};
        case Step::no_new_privs:
            return {"SandboxSeccompFailed", "setting no_new_privs"};
        case Step::seccomp:
            return {"SandboxSeccompFailed", "installing the system call filter"};
        case Step::directory:
            return {"SandboxDirectoryFailed", "changing to the working directory"};
        case Step::exec:
            return {"SandboxExecFailed", "executing"};
        case Step::lost:
            return {"SandboxInitFailed", "waiting for the sandbox's first process"};
    }
    return {"SandboxFailed", "starting"};
}

}  // namespace

Error step_error(const Failure& failure, const std::string& subject) {
    const Step_Words words = words_of(failure.step);
    const std::string reason =
        failure.error != 0 ? std::generic_category().message(failure.error) : std::string("it exited early");
    return Error{words.code, fmt::format("{}{}{}: {}", words.action, subject.empty() ? "" : " ", subject, reason), 500};
}

}  // namespace osbot_aws::sandbox

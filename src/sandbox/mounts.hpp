#pragma once

#include <filesystem>
#include <vector>

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// Adds the mounts of the process to `plan`: the host's programs or spec.root, read-only; a private /dev, /proc and
/// /tmp; then the layers at /opt and spec.mounts. Errors: SandboxMountFailed if a source does not exist.
Result<void> plan_mounts(Plan& plan, const Process_Spec& spec);

/// Adds the minimal mounts that test whether the host allows them: a root, /proc, and optionally an overlay.
void plan_trial_mounts(Plan& plan, bool with_overlay);

/// Changes the root; runs in the child. On success, the step of the result is `none`.
Failure enter_new_root(const Child_Plan& plan);

}  // namespace osbot_aws::sandbox

#pragma once

#include <filesystem>
#include <vector>

#include "sandbox/plan.hpp"

namespace osbot_aws::sandbox {

/// Writes into `plan` what the process will see: the host's programs, or spec.root, read-only; its own /dev, /proc and
/// /tmp; then spec.mounts, and the layers at /opt. `merged_layers` stands for all the layers where overlay is refused;
/// else empty. Errors: SandboxMountFailed when a source isn't there.
Result<void> plan_mounts(Plan& plan, const Process_Spec& spec, const std::filesystem::path& merged_layers);

/// The least that shows whether the host allows it: a root, /proc, and an overlay if asked.
void plan_trial_mounts(Plan& plan, bool with_overlay);

/// Copies the layers into `folder`, later ones over earlier ones.
Result<void> merge_layers(const std::vector<std::filesystem::path>& layers, const std::filesystem::path& folder);

/// In the child: changes the root. The failure's step is `none` when all went well.
Failure enter_new_root(const Child_Plan& plan);

}  // namespace osbot_aws::sandbox

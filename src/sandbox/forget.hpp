#pragma once

namespace osbot_aws::sandbox {

/// In process 1, once the function runs: gives back the copy of the engine's memory that the clone made, all but its
/// own stack. The engine's secrets are then not in there, and pages the engine changes are not kept twice.
void forget_engine_memory();

}  // namespace osbot_aws::sandbox

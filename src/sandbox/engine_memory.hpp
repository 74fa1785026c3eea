#pragma once

namespace osbot_aws::sandbox {

/// Frees the copy of the engine's memory in process 1, except its own stack. Called once the function runs. Process 1
/// then no longer contains the engine's secrets, and pages that the engine changes are not stored twice.
void discard_engine_memory();

}  // namespace osbot_aws::sandbox

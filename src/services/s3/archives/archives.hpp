#pragma once

#include <optional>

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

// Objects in archives: those of the storage classes GLACIER and DEEP_ARCHIVE. The engine restores them at once.

/// The header of a stored object that was restored: the time at which its restored copy expires (ISO 8601).
constexpr const char* restore_header = "x-amz-restore";

/// Returns the time until which a restored object can be read; nullopt if it was not restored or the time has passed.
std::optional<base::Time> restored_until(const S3_Object& object, base::Time now);
/// Returns true if the object must be restored before it can be read.
bool is_archived(const S3_Object& object, base::Time now);
/// Adds Restore to the output of a read, if the object is restored.
void add_restore(Json& output, const S3_Object& object, base::Time now);

}  // namespace osbot_aws::services

#pragma once

#include <optional>

#include "base/clock.hpp"
#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

// Objects in an archive, which must be restored before they can be read. Here a restore takes no time.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html

/// Returns true if the object is in a storage class whose objects must be restored.
bool is_in_archive(const S3_Object& object);
/// Returns the time until which a restored object can be read; nullopt if it is not restored.
std::optional<base::Time> restored_until(const S3_Object& object, base::Time now);
/// Returns true if the object must be restored before it can be read.
bool is_unreadable(const S3_Object& object, base::Time now);

/// Adds Restore to the output, if the object is restored.
void add_restore(Json& output, const S3_Object& object, base::Time now);
/// Sets RestoreStatus of an object in a list: null if it is not in an archive.
void set_restore_status(Json& json, const S3_Object& object, base::Time now);

}  // namespace osbot_aws::services

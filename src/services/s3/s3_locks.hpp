#pragma once

#include "base/clock.hpp"
#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

// Object lock: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html. The lock of a version is in its
// headers.

/// Returns true if a version is held or retained, in any mode.
bool is_locked(const S3_Object& object, base::Time now);
/// Checks that a version may be deleted: neither held nor retained, or retained in the mode GOVERNANCE and the request
/// bypasses it. Errors: AccessDenied.
Result<void> check_unlocked(const Call& call, const S3_Object& object, base::Time now);

/// Checks the lock in the members of a request for a new object, and adds the default retention of the bucket.
/// Errors: InvalidRequest (the bucket has no object lock), InvalidArgument.
Result<void> set_lock(const S3_Bucket& bucket, const Call& call, S3_Object& object, base::Time now);

}  // namespace osbot_aws::services

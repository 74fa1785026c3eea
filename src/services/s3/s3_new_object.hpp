#pragma once

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

/// Completes a new object by the request and the settings of its bucket: ACL, encryption, lock.
/// Errors: those of the ACL and of the lock, InvalidArgument (the encryption).
Result<void> apply_settings(const S3& s3, const Call& call, S3_Object& object);

/// Adds the members about the encryption of an object to the output.
void add_encryption(Json& output, const Call& call, const S3_Object& object);
/// Adds what a response about an object has: Expiration, if a lifecycle rule expires the object.
void add_expiration(Json& output, const S3& s3, const Call& call, const S3_Object& object);

}  // namespace osbot_aws::services

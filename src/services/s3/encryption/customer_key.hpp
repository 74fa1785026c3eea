#pragma once

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

// Encryption with a key of the client (SSE-C). The engine stores only a salted hash of the key, and rejects requests
// without it. It does not encrypt the bytes.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html

/// Returns true if the object or the upload was stored with a key of the client.
bool has_customer_key(const S3_Object& object);

/// Checks the key in a request for a new object, and stores its hash with the object. Does nothing if the request has
/// none. Errors: InvalidArgument (incomplete, invalid, or with another encryption), InvalidEncryptionAlgorithmError.
Result<void> set_customer_key(const Call& call, S3_Object& object);

/// Checks that a request to read an object has its key, and that one for another object has none. `prefix`:
/// "CopySource" for the source of a copy. Errors: those of set_customer_key(), InvalidRequest, AccessDenied (another
/// key).
Result<void> check_customer_key(const Call& call, const S3_Object& object, std::string_view prefix = {});

/// The same for a part of an upload, with other errors.
Result<void> check_customer_key_of_part(const Call& call, const S3_Object& upload);
/// The same for operations on an upload that do not need its key: checks a key only if the request has one.
Result<void> check_optional_customer_key(const Call& call, const S3_Object& upload);

}  // namespace osbot_aws::services

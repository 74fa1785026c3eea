#pragma once

#include <string>

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

// Access control lists: stored, checked and returned. The engine does not evaluate them.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html

/// Checks the ACL in the headers of a request that creates a bucket or an object, before its body is received.
/// `ownership`: of the bucket. Errors: AccessControlListNotSupported, InvalidBucketAclWithObjectOwnership,
/// InvalidArgument, InvalidRequest, AccessDenied (a public ACL that the bucket blocks).
Result<void> check_acl_headers(const S3& s3, const Call& call);

/// Returns the ACL of a new object, for S3_Object::acl.
Result<std::string> acl_of_new_object(const Call& call);
/// Stores the ACL in the headers of CreateBucket.
Result<void> set_acl_of_new_bucket(S3& s3, const Call& call);
/// Returns true if the ACL of a bucket has grants to others than its owner.
bool grants_to_others(const S3_Bucket& bucket);

}  // namespace osbot_aws::services

#pragma once

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

struct S3_Source {
    std::string bucket, key;
};

/// Parses the header x-amz-copy-source. Errors: InvalidArgument.
Result<S3_Source> copy_source(const Call& call);

/// Returns the source of CopyObject or UploadPartCopy. Errors: NoSuchBucket and NoSuchKey (with the names of the
/// source), PreconditionFailed.
Result<services::S3_Object_Ptr> source_object(const services::S3& s3, const Call& call);

}  // namespace osbot_aws::services

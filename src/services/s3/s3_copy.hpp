#pragma once

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

struct S3_Source {
    std::string bucket, key;
    std::string version = {};  ///< as in the request; "": the current version
};

/// Parses the header x-amz-copy-source. Errors: InvalidArgument.
Result<S3_Source> copy_source(const Call& call);
/// Returns the account of the source of a copy: that of its bucket, if policies have permitted the copy; else that of
/// the call.
Account account_of_source(const S3& s3, const Call& call);

/// Returns the source of CopyObject or UploadPartCopy. Errors: NoSuchBucket and NoSuchKey (with the names of the
/// source), NoSuchVersion, InvalidRequest (a delete marker), InvalidObjectState (an archive), PreconditionFailed.
Result<S3_Object_Ptr> source_object(const S3& s3, const Call& call);
/// Adds CopySourceVersionId to the output if the bucket of the source has or had versioning.
void add_source_version(Json& output, const S3& s3, const Call& call, const S3_Object& source);

}  // namespace osbot_aws::services

// The objects in S3 that contain the code of deployments whose zip is too large for a request.
#pragma once

#include <map>
#include <string>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

namespace osbot_aws {

struct Code_Object {
    std::string bucket, key;

    std::string url() const { return "s3://" + bucket + "/" + key; }
};

/// Returns OSBOT_LAMBDA_S3_BUCKET, or nothing.
std::string configured_code_bucket();
/// Returns the object for the code of a function: its s3_bucket and s3_key, if they are set, else the default. The
/// default bucket needs the account id, which the first call asks STS for. Throws Aws_Exception.
Code_Object code_object_of(const Lambda& f);
/// Stores the zip with a mark that it belongs to a deployment. Creates the bucket if needed. Throws Aws_Exception.
void upload_code(const Lambda& f, const Code_Object& object, const std::string& zip_bytes);

struct Deleted_Function {
    bool existed;        ///< whether the function existed
    std::string object;  ///< URL of the deleted code in S3; empty if there was none
};
/// Deletes the function, and its code in S3 if upload_code() stored it. Throws Aws_Exception.
Deleted_Function delete_deployed(Lambda& f, bool delete_log_group = true);

}  // namespace osbot_aws

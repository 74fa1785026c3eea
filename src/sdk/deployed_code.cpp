#include "sdk/deployed_code.hpp"

#include <fmt/format.h>

#include <optional>

#include <osbot_aws/aws/s3/S3.hpp>

#include "base/environment.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws {
namespace {

constexpr const char* code_mark_name = "created_by";
constexpr const char* code_mark = "osbot_aws.Deploy_Lambda";

/// Returns the code that upload_code() stored. Returns nothing if the caller has no access to it, or the endpoint has
/// no S3 or STS: then no deployment of the caller can have stored it.
std::optional<Code_Object> find_deployed_code(const Lambda& f) try {
    const Code_Object object = code_object_of(f);
    const Json metadata = S3(f.session()).file_metadata(object.bucket, object.key);
    return metadata.value(code_mark_name, "") == code_mark ? std::optional(object) : std::nullopt;
} catch (const Aws_Exception& error) {
    const int status = error.error().http_status;
    if (status / 100 == 4 || status == 501) return std::nullopt;
    throw;
}

}  // namespace

std::string configured_code_bucket() { return base::variable("OSBOT_LAMBDA_S3_BUCKET"); }

Code_Object code_object_of(const Lambda& f) {
    Code_Object object{f.s3_bucket.empty() ? configured_code_bucket() : f.s3_bucket, f.s3_key};
    if (object.bucket.empty())
        object.bucket = fmt::format("{}--osbot-lambdas--{}", impl_of(f.session()).account_id(), f.session().region());
    if (object.key.empty())
        object.key = fmt::format("{}/{}.zip", base::variable("OSBOT_LAMBDA_S3_FOLDER_LAMBDAS", "lambdas"), f.name);
    return object;
}

void upload_code(const Lambda& f, const Code_Object& object, const std::string& zip_bytes) {
    S3 s3(f.session());
    s3.bucket_create(object.bucket);
    s3.file_upload_from_bytes(zip_bytes, object.bucket, object.key, "application/zip", {{code_mark_name, code_mark}});
}

Deleted_Function delete_deployed(Lambda& f, bool delete_log_group) {
    Deleted_Function deleted{f.delete_(delete_log_group), ""};
    if (const auto object = find_deployed_code(f)) {
        S3(f.session()).file_delete(object->bucket, object->key);
        deleted.object = object->url();
    }
    return deleted;
}

}  // namespace osbot_aws

// S3's operations that delete objects.
#include <algorithm>

#include "services/s3/s3_call.hpp"
#include "services/s3/s3_conditions.hpp"
#include "services/s3/s3_integrity.hpp"
#include "services/s3/s3_operations.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
constexpr std::size_t deletes_max = 1000;

/// Returns true if the object exists with one of the ETags (`*`: any ETag), or if no ETag is required.
Result<bool> may_go(const S3& s3, const Call& call, const std::string& key, std::string_view etags) {
    if (etags.empty()) return true;
    const auto object = s3.object(call.account, bucket_of(call), key);
    if (!object && object.error().code != "NoSuchKey") return object.error();
    return object && names_etag(etags, (*object)->etag);
}

/// Checks an object of a batch. Returns the reason why it must not be deleted, or nullopt.
std::optional<Error> refusal(const S3& s3, const Call& call, const aws::Fields& object) {
    const std::string key = object.text_or("Key"), version = object.text_or("VersionId");
    if (key.empty()) return Error{"UserKeyMustBeSpecified", "A key must be specified.", 400};
    if (key.size() > s3_key_bytes_max) return Error{"KeyTooLongError", "Your key is too long", 400};
    if (!version.empty() && version != "null")
        return Error{"NoSuchVersion", "The specified version does not exist.", 404};
    for (const char* of_directory_bucket : {"LastModifiedTime", "Size"})
        if (object.has(of_directory_bucket))
            return wire::not_implemented("S3", std::string("DeleteObjects with ") + of_directory_bucket);
    const auto may = may_go(s3, call, key, object.text_or("ETag"));
    if (may && *may) return std::nullopt;
    return may ? Error{"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412}
               : may.error();
}

Json refusal_json(const aws::Fields& object, const Error& error) {
    Json json{{"Key", object.text_or("Key")}, {"Code", error.code}, {"Message", error.message}};
    if (const auto version = object.text("VersionId")) json["VersionId"] = *version;
    return json;
}

Result<Json> delete_object(S3& s3, const Call& call) {
    OSBOT_TRY(const auto may, may_go(s3, call, key_of(call), call.fields().text_or("IfMatch")));
    if (!may) return precondition_failed(call, "If-Match");
    return no_output(s3.delete_object(call.account, bucket_of(call), key_of(call)));
}

Result<Json> delete_objects(S3& s3, const Call& call) {
    const std::string bucket = bucket_of(call);
    OSBOT_TRY(s3.bucket(call.account, bucket));
    OSBOT_TRY(check_has_integrity(call));
    const aws::Fields batch(call.fields().object("Delete"));
    if (batch.list("Objects").size() > deletes_max) return wire::malformed_xml();
    Json deleted = Json::array(), errors = Json::array();
    for (const Json& item : batch.list("Objects")) {
        const aws::Fields object(item);
        if (const auto refused = refusal(s3, call, object)) {
            errors.push_back(refusal_json(object, *refused));
            continue;
        }
        OSBOT_TRY(s3.delete_object(call.account, bucket, object.text_or("Key")));
        if (!batch.flag("Quiet")) deleted.push_back({{"Key", object.text_or("Key")}});
    }
    return Json{{"Deleted", std::move(deleted)}, {"Errors", std::move(errors)}};
}

}  // namespace

Operations s3_delete_operations(S3& s3) {
    return {s3, {{"DeleteObject", &delete_object}, {"DeleteObjects", &delete_objects}}};
}

}  // namespace osbot_aws::services

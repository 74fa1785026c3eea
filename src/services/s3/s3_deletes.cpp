// S3's operations that delete objects.
#include <algorithm>

#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_conditions.hpp"
#include "services/s3/s3_integrity.hpp"
#include "services/s3/s3_locks.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_versions.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
constexpr std::size_t deletes_max = 1000;

Error precondition_failed_in_batch() {
    return {"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412};
}

/// An object to delete.
struct Target {
    std::string key;
    std::string version;  ///< as in the request; "": none
    std::string etags;    ///< of a condition
};

/// Returns true if the object exists with one of the ETags (`*`: any ETag), or if no ETag is required.
Result<bool> may_go(const S3& s3, const Call& call, const Target& target) {
    if (target.etags.empty()) return true;
    OSBOT_TRY(const auto object,
              s3.find_version(call.account, bucket_of(call), target.key, version_of(target.version)));
    return object && !object->is_delete_marker && names_etag(target.etags, object->etag);
}

/// Deletes an object or a version, unless it is locked, and sends the event.
Result<S3_Deletion> remove(S3& s3, const Call& call, const Target& target) {
    const std::string bucket = bucket_of(call);
    const auto version = version_of(target.version);
    if (version) {
        OSBOT_TRY(const auto found, s3.find_version(call.account, bucket, target.key, version));
        if (found) OSBOT_TRY(check_unlocked(call, *found, s3.context().now()));
    }
    OSBOT_TRY(auto deletion, version ? s3.delete_version(call.account, bucket, target.key, *version)
                                     : s3.delete_object(call.account, bucket, target.key));
    notify_deleted(s3, call, target.key, deletion);
    return deletion;
}

// ---- DeleteObject ----

Result<Json> delete_object(S3& s3, const Call& call) {
    const auto fields = call.fields();
    const Target target{key_of(call), fields.text_or("VersionId"), fields.text_or("IfMatch")};
    OSBOT_TRY(const auto may, may_go(s3, call, target));
    if (!may) return precondition_failed(call, "If-Match");
    OSBOT_TRY(const auto deletion, remove(s3, call, target));
    Json output = Json::object();
    if (deletion.marker || (deletion.removed && deletion.removed->is_delete_marker)) output["DeleteMarker"] = true;
    if (!shows_versions(s3, call.account, bucket_of(call))) return output;
    output["VersionId"] = deletion.marker ? deletion.marker->version_text() : target.version;
    return output;
}

// ---- DeleteObjects ----

/// Returns the actions that the delete of an object of a batch requires.
std::vector<std::string> actions_of_delete(const Call& call, const Target& target) {
    std::vector<std::string> actions{target.version.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion"};
    if (!target.etags.empty() && target.etags != "*") actions.emplace_back("s3:GetObject");
    if (call.fields().flag("BypassGovernanceRetention")) actions.emplace_back("s3:BypassGovernanceRetention");
    return actions;
}

/// Returns the error if the caller may not delete an object of a batch.
std::optional<Error> denial_of_delete(const S3& s3, const Call& call, const Target& target) {
    if (!call.denial) return std::nullopt;
    const std::string arn = object_arn(s3, call.account, bucket_of(call), target.key);
    for (const std::string& action : actions_of_delete(call, target)) {
        auto denied = call.denial({action, arn, target.version, target.etags});
        if (denied) return denied;
    }
    return std::nullopt;
}

/// Checks an object of a batch. Returns the reason why it must not be deleted, or nullopt.
std::optional<Error> refusal(const S3& s3, const Call& call, const aws::Fields& object, const Target& target) {
    if (target.key.empty()) return Error{"UserKeyMustBeSpecified", "A key must be specified.", 400};
    if (target.key.size() > s3_key_bytes_max) return Error{"KeyTooLongError", "Your key is too long", 400};
    const bool has_versions = shows_versions(s3, call.account, bucket_of(call));
    const bool is_possible = has_versions ? is_version_id(target.version) : target.version == "null";
    if (!target.version.empty() && !is_possible)
        return Error{"NoSuchVersion", "The specified version does not exist.", 404};
    for (const char* of_directory_bucket : {"LastModifiedTime", "Size"})
        if (object.has(of_directory_bucket))
            return wire::not_implemented("S3", std::string("DeleteObjects with ") + of_directory_bucket);
    if (auto denied = denial_of_delete(s3, call, target)) return denied;
    const auto may = may_go(s3, call, target);
    if (may && *may) return std::nullopt;
    return may ? precondition_failed_in_batch() : may.error();
}

Json refusal_json(const aws::Fields& object, const Error& error) {
    Json json{{"Key", object.text_or("Key")}, {"Code", error.code}, {"Message", error.message}};
    if (const auto version = object.text("VersionId")) json["VersionId"] = *version;
    return json;
}

Json deleted_json(const Target& target, const S3_Deletion& deletion) {
    Json json{{"Key", target.key}};
    if (!target.version.empty()) json["VersionId"] = target.version;
    const S3_Object_Ptr& marker = deletion.marker ? deletion.marker : deletion.removed;
    if (!marker || !marker->is_delete_marker) return json;
    json["DeleteMarker"] = true;
    json["DeleteMarkerVersionId"] = marker->version_text();
    return json;
}

Result<Json> delete_objects(S3& s3, const Call& call) {
    OSBOT_TRY(s3.bucket(call.account, bucket_of(call)));
    OSBOT_TRY(check_has_integrity(call));
    const aws::Fields batch(call.fields().object("Delete"));
    if (batch.list("Objects").size() > deletes_max) return wire::malformed_xml();
    Json deleted = Json::array(), errors = Json::array();
    for (const Json& item : batch.list("Objects")) {
        const aws::Fields object(item);
        const Target target{object.text_or("Key"), object.text_or("VersionId"), object.text_or("ETag")};
        if (const auto refused = refusal(s3, call, object, target)) {
            errors.push_back(refusal_json(object, *refused));
            continue;
        }
        const auto deletion = remove(s3, call, target);
        if (!deletion)
            errors.push_back(refusal_json(object, deletion.error()));
        else if (!batch.flag("Quiet"))
            deleted.push_back(deleted_json(target, *deletion));
    }
    return Json{{"Deleted", std::move(deleted)}, {"Errors", std::move(errors)}};
}

}  // namespace

Operations s3_delete_operations(S3& s3) {
    return {s3, {{"DeleteObject", &delete_object}, {"DeleteObjects", &delete_objects}}};
}

}  // namespace osbot_aws::services

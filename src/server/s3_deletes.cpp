#include "server/s3_deletes.hpp"

#include <algorithm>

#include "server/s3_conditions.hpp"
#include "server/s3_integrity.hpp"

namespace osbot_aws::server {
namespace {

using engine::S3;
using wire::add_element;

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
constexpr std::ptrdiff_t deletes_max = 1000;

/// Returns true if the object exists with one of the ETags (`*`: any ETag), or if no ETag is required.
Result<bool> may_go(const S3& s3, const S3_Call& call, const std::string& key, std::string_view etags) {
    if (etags.empty()) return true;
    const auto object = s3.object(call.account, call.bucket, key);
    if (!object && object.error().code != "NoSuchKey") return object.error();
    return object && names_etag(etags, (*object)->etag);
}

/// Checks an object of a batch. Returns the reason why it must not be deleted, or nullopt.
std::optional<Error> refusal(const S3& s3, const S3_Call& call, const pugi::xml_node& object) {
    const std::string key = object.child_value("Key");
    if (key.empty()) return Error{"UserKeyMustBeSpecified", "A key must be specified.", 400};
    if (key.size() > engine::s3_key_bytes_max) return Error{"KeyTooLongError", "Your key is too long", 400};
    const std::string_view version = object.child_value("VersionId");
    if (!version.empty() && version != "null")
        return Error{"NoSuchVersion", "The specified version does not exist.", 404};
    const auto may = may_go(s3, call, key, object.child_value("ETag"));
    if (may && *may) return std::nullopt;
    return may ? Error{"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412}
               : may.error();
}

void add_refusal(pugi::xml_node root, const pugi::xml_node& object, const Error& error) {
    auto element = root.append_child("Error");
    add_element(element, "Key", object.child_value("Key"));
    if (const auto version = object.child("VersionId")) add_element(element, "VersionId", version.child_value());
    add_element(element, "Code", error.code);
    add_element(element, "Message", error.message);
}

bool is_valid(const pugi::xml_node& root) {
    const auto objects = root.children("Object");
    const auto count = std::distance(objects.begin(), objects.end());
    return std::string_view(root.name()) == "Delete" && count > 0 && count <= deletes_max &&
           std::ranges::all_of(objects, [](const auto& object) { return !object.child("Key").empty(); });
}

}  // namespace

Result<wire::Response> delete_object(S3& s3, S3_Call& call) {
    const auto may = may_go(s3, call, call.key, call.header("If-Match"));
    if (!may) return may.error();
    if (!*may) return precondition_failed(call, "If-Match");
    if (auto done = s3.delete_object(call.account, call.bucket, call.key); !done) return done.error();
    return empty_response(204);
}

Result<wire::Response> delete_objects(S3& s3, S3_Call& call) {
    if (const auto bucket = s3.bucket(call.account, call.bucket); !bucket) return bucket.error();
    if (auto checked = check_required_integrity(call); !checked) return checked.error();
    const auto request_document = document_of(call);
    if (!request_document) return request_document.error();
    const auto request = request_document->document_element();
    if (!is_valid(request)) return wire::malformed_xml();
    const bool quiet = std::string_view(request.child_value("Quiet")) == "true";
    pugi::xml_document document;
    auto root = wire::add_root(document, "DeleteResult", s3_xmlns);
    for (const auto& object : request.children("Object")) {
        if (const auto refused = refusal(s3, call, object)) {
            add_refusal(root, object, *refused);
            continue;
        }
        const std::string key = object.child_value("Key");
        if (auto done = s3.delete_object(call.account, call.bucket, key); !done) return done.error();
        if (!quiet) add_element(root.append_child("Deleted"), "Key", key);
    }
    return xml_response(document);
}

}  // namespace osbot_aws::server

// S3's operations on versions, and what the operations on objects share of them.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
#include "services/s3/s3_versions.hpp"

#include "base/time_text.hpp"
#include "services/s3/s3_listing.hpp"
#include "services/s3/s3_operations.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

/// The headers of a response about a delete marker.
aws::Error_Details marker_headers(const S3_Object& marker) {
    return {{header_detail("x-amz-delete-marker"), "true"}, {header_detail("x-amz-version-id"), marker.version_text()}};
}

Error no_key(const Call& call, const S3_Object* marker) {
    aws::Error_Details details{{"Key", key_of(call)}};
    if (marker != nullptr)
        for (auto& header : marker_headers(*marker)) details.push_back(std::move(header));
    return refuse(call, {"NoSuchKey", "The specified key does not exist.", 404}, std::move(details));
}

// ---- ListObjectVersions ----

Result<List_Versions> versions_request(const Call& call) {
    const auto fields = call.fields();
    List_Versions request{.prefix = fields.text_or("Prefix"),
                          .delimiter = fields.text_or("Delimiter"),
                          .key_after = fields.text_or("KeyMarker"),
                          .version_after = fields.text_or("VersionIdMarker"),
                          .versions_max = page_limit(call, "MaxKeys", s3_listed_max)};
    const auto marker = fields.text("VersionIdMarker");
    if (!marker) return request;
    const auto refused = [&](const char* message) {
        return refuse_argument(call, message, "version-id-marker", *marker);
    };
    if (!fields.has("KeyMarker")) return refused("A version-id marker cannot be specified without a key marker.");
    if (marker->empty()) return refused("A version-id marker cannot be empty.");
    if (!is_version_id(*marker)) return refused("Invalid version id specified");
    return request;
}

/// Sets the members that a version and a delete marker have.
void set_listed(Json& json, const S3_Listing& listing, const Listed_Version& version) {
    json["Key"] = listing.name(version.object->key);
    json["VersionId"] = version.object->version_text();
    json["IsLatest"] = version.is_latest;
    json["LastModified"] = document_time(version.object->modified_ms);
}

/// Returns the list of a page: versions and delete markers in one order, as S3 sends them.
aws::Long_List list_of(const Call& call, const S3_Listing& listing, std::vector<Listed_Version> versions) {
    return {"Versions", [listing, versions = std::move(versions), at = std::size_t{0},
                         owner = owner_json(call.account)](Json& item, std::string_view& member) mutable {
                if (at == versions.size()) return false;
                const Listed_Version& version = versions[at++];
                member = version.object->is_delete_marker ? "DeleteMarkers" : "Versions";
                if (!version.object->is_delete_marker) set_listed_object(item, listing, *version.object);
                set_listed(item, listing, version);
                item["Owner"] = owner;
                return true;
            }};
}

Result<Output> list_object_versions(S3& s3, const Call& call) {
    OSBOT_TRY(const auto request, versions_request(call));
    const S3_Listing listing = listing_of(s3, call);
    OSBOT_TRY(auto page, s3.list_versions(call.account, bucket_of(call), request));
    Output all = listed_page_json(call, listing, page.common_prefixes);
    Json& output = all.members;
    output["MaxKeys"] = request.versions_max;
    output["KeyMarker"] = listing.name(request.key_after);
    output["VersionIdMarker"] = request.version_after;
    output["IsTruncated"] = !page.next_key.empty();
    if (!page.next_key.empty()) output["NextKeyMarker"] = listing.name(page.next_key);
    if (!page.next_version.empty()) output["NextVersionIdMarker"] = page.next_version;
    all.lists.push_back(list_of(call, listing, std::move(page.versions)));
    return all;
}

// ---- the versioning of a bucket ----

Result<Json> put_bucket_versioning(S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    const aws::Fields configuration(call.fields().object("VersioningConfiguration"));
    const auto status = configuration.text("Status");
    if (!status)
        return Error{"IllegalVersioningConfigurationException", "The Versioning element must be specified", 400};
    if (*status != "Enabled" && *status != "Suspended") return wire::malformed_xml();
    const auto mfa_delete = configuration.text_or("MFADelete", "Disabled");
    if (mfa_delete != "Disabled" && mfa_delete != "Enabled") return wire::malformed_xml();
    if (mfa_delete == "Enabled") return wire::not_implemented("S3", "PutBucketVersioning with MfaDelete Enabled");
    if (*status == "Suspended" && bucket->settings.contains("object-lock"))
        return Error{"InvalidBucketState",
                     "An Object Lock configuration is present on this bucket, so the versioning state cannot be "
                     "changed.",
                     409};
    return no_output(s3.set_versioning(call.account, bucket_of(call), *status));
}

Result<Json> bucket_versioning(S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    Json output = Json::object();
    if (!bucket->versioning.empty()) output["Status"] = bucket->versioning;
    return output;
}

}  // namespace

std::optional<std::string> version_of(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text == "null" ? "" : text;
}

Error marker_not_allowed(const Call& call, const S3_Object& marker) {
    aws::Error_Details details{{"Method", call.request.method == "HEAD" ? "GET" : call.request.method},
                               {"ResourceType", "DeleteMarker"},
                               {header_detail("Allow"), "DELETE"},
                               {header_detail("Last-Modified"), last_modified(marker)}};
    for (auto& header : marker_headers(marker)) details.push_back(std::move(header));
    return refuse(call, {"MethodNotAllowed", "The specified method is not allowed against this resource.", 405},
                  std::move(details));
}

Result<S3_Object_Ptr> requested_object(const S3& s3, const Call& call) {
    const auto text = call.fields().text_or("VersionId");
    OSBOT_TRY(auto found, s3.find_version(call.account, bucket_of(call), key_of(call), version_of(text)));
    const bool is_read = call.request.method == "GET" || call.request.method == "HEAD";
    if (found && !found->is_delete_marker) return found;
    if (found && (!text.empty() || !is_read)) return marker_not_allowed(call, *found);
    const bool has_versions = shows_versions(s3, call.account, bucket_of(call));
    if (found || text.empty() || (text == "null" && !has_versions)) return no_key(call, found.get());
    return refuse(call, {"NoSuchVersion", "The specified version does not exist.", 404},
                  {{"Key", key_of(call)}, {"VersionId", text}});
}

bool shows_versions(const S3& s3, const Account& account, const std::string& bucket) {
    const auto found = s3.bucket(account, bucket);
    return found && !(*found)->versioning.empty();
}

void add_version(Json& output, const S3& s3, const Call& call, const S3_Object& object) {
    if (shows_versions(s3, call.account, bucket_of(call))) output["VersionId"] = object.version_text();
}

Operations s3_version_operations(S3& s3) {
    return {s3,
            {{"GetBucketVersioning", &bucket_versioning},
             {"ListObjectVersions", &list_object_versions},
             {"PutBucketVersioning", &put_bucket_versioning}}};
}

}  // namespace osbot_aws::services

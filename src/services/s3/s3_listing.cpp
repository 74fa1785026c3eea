// S3's lists of objects.
#include "services/s3/s3_listing.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "services/s3/archives/archives.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "services/s3/s3_operations.hpp"

namespace osbot_aws::services {
namespace {

List_Objects objects_request(const Call& call, std::string after) {
    const auto fields = call.fields();
    return {.prefix = fields.text_or("Prefix"),
            .delimiter = fields.text_or("Delimiter"),
            .after = std::move(after),
            .keys_max = page_limit(call, "MaxKeys", s3_listed_max)};
}

/// Sets RestoreStatus, or removes that of the last object.
void set_restore_status(Json& json, const S3_Object& object, base::Time now) {
    const auto until = restored_until(object, now);
    json["RestoreStatus"] =
        until ? Json{{"IsRestoreInProgress", false}, {"RestoreExpiryDate", document_time(base::unix_ms(*until))}}
              : Json();
}

/// Returns the output of a list, with the header that S3 adds to it.
/// Recorded: LocalStack, tests/aws/services/s3/test_s3.py, test_region_header_exists
Output list_output(const S3& s3, const Call& call, Json members) {
    Output output(std::move(members));
    if (const auto bucket = s3.bucket(call.account, bucket_of(call)))
        output.headers.set("x-amz-bucket-region", (*bucket)->owner.region);
    return output;
}

/// Sets the members that depend on the object's checksum, or removes those of the last object.
void set_checksum_kind(Json& json, const S3_Object& object) {
    const std::string algorithm = checksum_algorithm(object);
    const auto type = object.headers.find("x-amz-checksum-type");
    json["ChecksumAlgorithm"] = algorithm.empty() ? Json() : Json::array({algorithm});
    json["ChecksumType"] = algorithm.empty() || type == object.headers.end() ? Json() : Json(type->second);
}

/// Returns the list of the objects of a page.
aws::Long_List contents_of(const Call& call, const S3_Listing& listing, Listed_Objects page) {
    return {"Contents",
            [listing, objects = std::move(page.objects), at = std::size_t{0},
             owner = listing.with_owner ? owner_json(call.account) : Json()](Json& item, std::string_view&) mutable {
                if (at == objects.size()) return false;
                if (at == 0) item["Owner"] = owner;
                set_listed_object(item, listing, *objects[at++]);
                return true;
            }};
}

/// Returns the members that both lists have, without the objects.
Json page_json(const Call& call, const S3_Listing& listing, const List_Objects& request, const Listed_Objects& page) {
    Json output = listed_page_json(call, listing, page.common_prefixes);
    output["MaxKeys"] = request.keys_max;
    output["IsTruncated"] = !page.next.empty();
    return output;
}

/// Returns the position of a marker: one inside of a group continues after the group.
std::string position_of_marker(const Call& call, const std::string& marker) {
    const auto fields = call.fields();
    if (!marker.starts_with(fields.text_or("Prefix"))) return marker;
    return marker.substr(0, end_of_group(marker, fields.text_or("Prefix"), fields.text_or("Delimiter")));
}

Result<Output> list_objects(S3& s3, const Call& call) {
    const auto marker = call.fields().text_or("Marker");
    S3_Listing listing = listing_of(s3, call);
    listing.with_owner = true;
    const List_Objects request = objects_request(call, position_of_marker(call, marker));
    OSBOT_TRY(auto page, s3.list_objects(call.account, bucket_of(call), request));
    Output all = list_output(s3, call, page_json(call, listing, request, page));
    Json& output = all.members;
    output["Marker"] = listing.name(marker);
    // Without a delimiter the last key is the next marker, so S3 omits it.
    if (!page.next.empty() && !request.delimiter.empty()) output["NextMarker"] = listing.name(page.next);
    all.lists.push_back(contents_of(call, listing, std::move(page)));
    return all;
}

Result<Output> list_objects_v2(S3& s3, const Call& call) {
    const auto fields = call.fields();
    const bool continues = fields.has("ContinuationToken");
    OSBOT_TRY(auto position, continues ? position_of_token(call) : fields.text_or("StartAfter"));
    S3_Listing listing = listing_of(s3, call);
    listing.with_owner = fields.flag("FetchOwner");
    const List_Objects request = objects_request(call, std::move(position));
    OSBOT_TRY(auto page, s3.list_objects(call.account, bucket_of(call), request));
    Output all = list_output(s3, call, page_json(call, listing, request, page));
    Json& output = all.members;
    output["KeyCount"] = page.objects.size() + page.common_prefixes.size();
    if (continues) output["ContinuationToken"] = fields.text_or("ContinuationToken");
    if (!page.next.empty()) output["NextContinuationToken"] = continuation_token(page.next);
    if (const auto after = fields.text("StartAfter"); after && !continues) output["StartAfter"] = listing.name(*after);
    all.lists.push_back(contents_of(call, listing, std::move(page)));
    return all;
}

}  // namespace

S3_Listing listing_of(const S3& s3, const Call& call) {
    S3_Listing listing{.encode = !call.fields().text_or("EncodingType").empty()};
    const auto optional = call.fields().texts("OptionalObjectAttributes");
    if (std::ranges::find(optional, "RestoreStatus") != optional.end()) listing.restored_at = s3.context().now();
    return listing;
}

void set_listed_object(Json& json, const S3_Listing& listing, const S3_Object& object) {
    json["Key"] = listing.name(object.key);
    json["LastModified"] = document_time(object.modified_ms);
    json["ETag"] = quoted_etag(object.etag);
    json["Size"] = object.size;
    json["StorageClass"] = storage_class(object);
    set_checksum_kind(json, object);
    if (listing.restored_at) set_restore_status(json, object, *listing.restored_at);
}

Json listed_page_json(const Call& call, const S3_Listing& listing, const std::vector<std::string>& common_prefixes) {
    const auto fields = call.fields();
    Json output{{"Name", bucket_of(call)},
                {"Prefix", listing.name(fields.text_or("Prefix"))},
                {"CommonPrefixes", Json::array()}};
    if (const auto delimiter = fields.text_or("Delimiter"); !delimiter.empty())
        output["Delimiter"] = listing.name(delimiter);
    if (listing.encode) output["EncodingType"] = "url";
    for (const auto& prefix : common_prefixes) output["CommonPrefixes"].push_back({{"Prefix", listing.name(prefix)}});
    return output;
}

Operations s3_listing_operations(S3& s3) {
    return {s3, {{"ListObjects", &list_objects}, {"ListObjectsV2", &list_objects_v2}}};
}

}  // namespace osbot_aws::services

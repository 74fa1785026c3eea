// S3's lists of objects.
#include <algorithm>

#include "base/text.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "services/s3/s3_operations.hpp"

namespace osbot_aws::services {
namespace {

constexpr int keys_max = 1000;

/// The parameters of a page.
struct Listing {
    bool encode = false;  ///< keys, prefixes and markers are percent-encoded
    bool with_owner = false;
    services::List_Objects params;

    std::string name(const std::string& text) const { return encode ? wire::percent_encode(text, true) : text; }
};

Listing listing_of(const Call& call, std::string after, bool with_owner) {
    const auto fields = call.fields();
    return {.encode = !fields.text_or("EncodingType").empty(),
            .with_owner = with_owner,
            .params = {.prefix = fields.text_or("Prefix"),
                       .delimiter = fields.text_or("Delimiter"),
                       .after = std::move(after),
                       .keys_max = page_limit(call, "MaxKeys", keys_max)}};
}

/// Sets the members that depend on the object's checksum, or removes those of the last object.
void set_checksum_kind(Json& json, const services::S3_Object& object) {
    const std::string algorithm = checksum_algorithm(object);
    const auto type = object.headers.find("x-amz-checksum-type");
    json["ChecksumAlgorithm"] = algorithm.empty() ? Json() : Json::array({algorithm});
    json["ChecksumType"] = algorithm.empty() || type == object.headers.end() ? Json() : Json(type->second);
}

void set_object(Json& json, const Listing& listing, const services::S3_Object& object) {
    json["Key"] = listing.name(object.key);
    json["LastModified"] = document_time(object.modified_ms);
    json["ETag"] = quoted_etag(object.etag);
    json["Size"] = object.size;
    json["StorageClass"] = storage_class(object);
    set_checksum_kind(json, object);
}

/// Returns the list of the objects of a page.
aws::Long_List contents_of(const Call& call, const Listing& listing, services::Listed_Objects page) {
    return {"Contents", [listing, objects = std::move(page.objects), at = std::size_t{0},
                         owner = listing.with_owner ? owner_json(call.account) : Json()](Json& item) mutable {
                if (at == objects.size()) return false;
                if (at == 0) item["Owner"] = owner;
                set_object(item, listing, *objects[at++]);
                return true;
            }};
}

/// Returns the members that both lists have, without the objects.
Json page_json(const Call& call, const Listing& listing, const services::Listed_Objects& page) {
    Json output{{"Name", bucket_of(call)},
                {"Prefix", listing.name(listing.params.prefix)},
                {"MaxKeys", listing.params.keys_max},
                {"IsTruncated", !page.next.empty()},
                {"CommonPrefixes", Json::array()}};
    if (!listing.params.delimiter.empty()) output["Delimiter"] = listing.name(listing.params.delimiter);
    if (listing.encode) output["EncodingType"] = "url";
    for (const auto& prefix : page.common_prefixes)
        output["CommonPrefixes"].push_back({{"Prefix", listing.name(prefix)}});
    return output;
}

Result<Output> list_objects(services::S3& s3, const Call& call) {
    const auto marker = call.fields().text_or("Marker");
    const Listing listing = listing_of(call, marker, true);
    OSBOT_TRY(auto page, s3.list_objects(call.account, bucket_of(call), listing.params));
    Output all = page_json(call, listing, page);
    Json& output = all.members;
    output["Marker"] = listing.name(marker);
    // Without a delimiter the last key is the next marker, so S3 omits it.
    if (!page.next.empty() && !listing.params.delimiter.empty()) output["NextMarker"] = listing.name(page.next);
    all.lists.push_back(contents_of(call, listing, std::move(page)));
    return all;
}

Result<Output> list_objects_v2(services::S3& s3, const Call& call) {
    const auto fields = call.fields();
    const bool continues = fields.has("ContinuationToken");
    OSBOT_TRY(auto position, continues ? position_of_token(call) : fields.text_or("StartAfter"));
    const Listing listing = listing_of(call, std::move(position), fields.flag("FetchOwner"));
    OSBOT_TRY(auto page, s3.list_objects(call.account, bucket_of(call), listing.params));
    Output all = page_json(call, listing, page);
    Json& output = all.members;
    output["KeyCount"] = page.objects.size() + page.common_prefixes.size();
    if (continues) output["ContinuationToken"] = fields.text_or("ContinuationToken");
    if (!page.next.empty()) output["NextContinuationToken"] = continuation_token(page.next);
    if (const auto after = fields.text("StartAfter")) output["StartAfter"] = listing.name(*after);
    all.lists.push_back(contents_of(call, listing, std::move(page)));
    return all;
}

}  // namespace

Operations s3_listing_operations(services::S3& s3) {
    return {s3, {{"ListObjects", &list_objects}, {"ListObjectsV2", &list_objects_v2}}};
}

}  // namespace osbot_aws::services

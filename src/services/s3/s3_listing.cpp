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

Result<Listing> listing_of(const Call& call, Result<std::string> after, bool with_owner) {
    const auto fields = call.fields();
    const auto encoding = fields.text_or("EncodingType");
    if (!after) return after.error();
    return Listing{.encode = !encoding.empty(),
                   .with_owner = with_owner,
                   .params = {.prefix = fields.text_or("Prefix"),
                              .delimiter = fields.text_or("Delimiter"),
                              .after = std::move(*after),
                              .keys_max = page_limit(call, "MaxKeys", keys_max)}};
}

void add_checksum_kind(Json& json, const services::S3_Object& object) {
    std::string algorithm = checksum_algorithm(object);
    if (algorithm.empty()) return;
    json["ChecksumAlgorithm"].push_back(std::move(algorithm));
    const auto type = object.headers.find("x-amz-checksum-type");
    if (type != object.headers.end()) json["ChecksumType"] = type->second;
}

/// Assigns the members one by one: a list of pairs takes three times as long, and lists are long.
Json object_json(const Listing& listing, const services::S3_Object& object, const Json& owner) {
    Json json = Json::object();
    json["Key"] = listing.name(object.key);
    json["LastModified"] = document_time(object.modified_ms);
    json["ETag"] = quoted_etag(object.etag);
    json["Size"] = object.size;
    json["StorageClass"] = storage_class(object);
    add_checksum_kind(json, object);
    if (listing.with_owner) json["Owner"] = owner;
    return json;
}

/// Returns the members that both lists have.
Json page_json(const Call& call, const Listing& listing, const services::Listed_Objects& page) {
    Json output{{"Name", bucket_of(call)},
                {"Prefix", listing.name(listing.params.prefix)},
                {"MaxKeys", listing.params.keys_max},
                {"IsTruncated", !page.next.empty()},
                {"Contents", Json::array()},
                {"CommonPrefixes", Json::array()}};
    if (!listing.params.delimiter.empty()) output["Delimiter"] = listing.name(listing.params.delimiter);
    if (listing.encode) output["EncodingType"] = "url";
    const Json owner = owner_json(call.account);
    Json& contents = output["Contents"];
    for (const auto& object : page.objects) contents.push_back(object_json(listing, *object, owner));
    for (const auto& prefix : page.common_prefixes)
        output["CommonPrefixes"].push_back({{"Prefix", listing.name(prefix)}});
    return output;
}

Result<Json> list_objects(services::S3& s3, const Call& call) {
    const auto marker = call.fields().text_or("Marker");
    const auto listing = listing_of(call, marker, true);
    if (!listing) return listing.error();
    const auto page = s3.list_objects(call.account, bucket_of(call), listing->params);
    if (!page) return page.error();
    Json output = page_json(call, *listing, *page);
    output["Marker"] = listing->name(marker);
    // Without a delimiter the last key is the next marker, so S3 omits it.
    if (!page->next.empty() && !listing->params.delimiter.empty()) output["NextMarker"] = listing->name(page->next);
    return output;
}

Result<Json> list_objects_v2(services::S3& s3, const Call& call) {
    const auto fields = call.fields();
    const bool continues = fields.has("ContinuationToken");
    const auto listing =
        listing_of(call, continues ? position_of_token(call) : Result<std::string>(fields.text_or("StartAfter")),
                   fields.flag("FetchOwner"));
    if (!listing) return listing.error();
    const auto page = s3.list_objects(call.account, bucket_of(call), listing->params);
    if (!page) return page.error();
    Json output = page_json(call, *listing, *page);
    output["KeyCount"] = page->objects.size() + page->common_prefixes.size();
    if (continues) output["ContinuationToken"] = fields.text_or("ContinuationToken");
    if (!page->next.empty()) output["NextContinuationToken"] = continuation_token(page->next);
    if (const auto after = fields.text("StartAfter")) output["StartAfter"] = listing->name(*after);
    return output;
}

}  // namespace

Operations s3_listing_operations(services::S3& s3) {
    return {s3, {{"ListObjects", &list_objects}, {"ListObjectsV2", &list_objects_v2}}};
}

}  // namespace osbot_aws::services

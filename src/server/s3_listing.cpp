#include "server/s3_listing.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "server/s3_object_headers.hpp"

namespace osbot_aws::server {
namespace {

using wire::add_element;

constexpr int keys_max = 1000;

/// The parameters of a page.
struct Listing {
    bool version_2 = false;  ///< ListObjectsV2
    bool encode = false;     ///< keys, prefixes and markers are percent-encoded
    bool with_owner = false;
    engine::List_Objects params;

    std::string name(const std::string& text) const { return encode ? wire::percent_encode(text, true) : text; }
};

Result<int> keys_requested(S3_Call& call) {
    const auto text = call.text("max-keys");
    if (text.empty()) return keys_max;
    const auto number = base::parse_number<std::int32_t>(text);
    if (!number) {
        return call.refuse_argument("Provided max-keys not an integer or within integer range", "max-keys", text);
    }
    if (*number < 0)
        return call.refuse_argument("Argument max-keys must be an integer between 0 and 2147483647", "max-keys", text);
    return std::min(*number, keys_max);
}

Result<std::string> start_marker(S3_Call& call, bool version_2) {
    if (!version_2) return call.text("marker");
    return call.asks("continuation-token") ? position_of_token(call) : call.text("start-after");
}

Result<Listing> listing_of(S3_Call& call) {
    Listing listing{.version_2 = call.text("list-type") == "2", .params = {}};
    const auto encoding = call.text("encoding-type");
    if (!encoding.empty() && encoding != "url") {
        return call.refuse_argument("Invalid Encoding Method specified in Request", "encoding-type", encoding);
    }
    listing.encode = !encoding.empty();
    const auto count = keys_requested(call);
    if (!count) return count.error();
    auto after = start_marker(call, listing.version_2);
    if (!after) return after.error();
    listing.with_owner = !listing.version_2 || call.text("fetch-owner") == "true";
    listing.params = {.prefix = call.text("prefix"),
                      .delimiter = call.text("delimiter"),
                      .after = std::move(*after),
                      .keys_max = *count};
    return listing;
}

void add_checksum(pugi::xml_node contents, const engine::S3_Object& object) {
    std::string algorithm, type;
    for (auto header = object.headers.lower_bound(std::string(checksum_prefix)); header != object.headers.end();
         ++header) {
        if (!header->first.starts_with(checksum_prefix)) break;
        if (header->first == "x-amz-checksum-type") {
            type = header->second;
            continue;
        }
        algorithm = base::upper_case(std::string_view(header->first).substr(checksum_prefix.size()));
    }
    if (algorithm.empty()) return;
    add_element(contents, "ChecksumAlgorithm", algorithm);
    if (!type.empty()) add_element(contents, "ChecksumType", type);
}

void add_object(pugi::xml_node root, const Listing& listing, const engine::S3_Object& object,
                const std::string& owner) {
    auto contents = root.append_child("Contents");
    add_element(contents, "Key", listing.name(object.key));
    add_element(contents, "LastModified", base::iso8601_ms_z(base::from_unix_ms(object.modified_ms)));
    add_element(contents, "ETag", quoted_etag(object.etag));
    add_checksum(contents, object);
    add_element(contents, "Size", std::to_string(object.size));
    if (listing.with_owner) add_element(contents.append_child("Owner"), "ID", owner);
    add_element(contents, "StorageClass", storage_class(object));
}

void add_markers(pugi::xml_node root, const Listing& listing, const S3_Call& call, const std::string& next) {
    if (!listing.version_2) {
        add_element(root, "Marker", listing.name(call.text("marker")));
        // Without a delimiter the last key is the next marker, so S3 omits it.
        if (!next.empty() && !listing.params.delimiter.empty()) add_element(root, "NextMarker", listing.name(next));
        return;
    }
    if (call.asks("continuation-token")) add_element(root, "ContinuationToken", call.text("continuation-token"));
    if (!next.empty()) add_element(root, "NextContinuationToken", continuation_token(next));
    if (call.asks("start-after")) add_element(root, "StartAfter", listing.name(call.text("start-after")));
}

}  // namespace

Result<wire::Response> list_objects(const engine::S3& s3, S3_Call& call) {
    const auto listing = listing_of(call);
    if (!listing) return listing.error();
    const auto page = s3.list_objects(call.account, call.bucket, listing->params);
    if (!page) return page.error();

    pugi::xml_document document;
    auto root = wire::add_root(document, "ListBucketResult", s3_xmlns);
    add_element(root, "Name", call.bucket);
    add_element(root, "Prefix", listing->name(listing->params.prefix));
    add_markers(root, *listing, call, page->next);
    if (listing->version_2)
        add_element(root, "KeyCount", std::to_string(page->objects.size() + page->common_prefixes.size()));
    add_element(root, "MaxKeys", std::to_string(listing->params.keys_max));
    if (!listing->params.delimiter.empty()) add_element(root, "Delimiter", listing->name(listing->params.delimiter));
    if (listing->encode) add_element(root, "EncodingType", "url");
    add_element(root, "IsTruncated", !page->next.empty());
    const auto owner = canonical_user_id(call.account);
    for (const auto& object : page->objects) add_object(root, *listing, *object, owner);
    for (const auto& prefix : page->common_prefixes) {
        add_element(root.append_child("CommonPrefixes"), "Prefix", listing->name(prefix));
    }
    return xml_response(document);
}

}  // namespace osbot_aws::server

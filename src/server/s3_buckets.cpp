#include "server/s3_buckets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/numbers.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::server {
namespace {

using engine::S3;
using wire::add_element;
using wire::Response;

constexpr std::int64_t buckets_max = 10'000;
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html: if one of these parameters is
// present, the response contains regions
constexpr std::array<std::string_view, 4> list_parameters{"max-buckets", "prefix", "continuation-token",
                                                          "bucket-region"};

struct Buckets_Page {
    std::string prefix, region, after;
    std::int64_t count_max = buckets_max;

    bool takes(const engine::S3_Bucket& bucket) const {
        return bucket.name > after && bucket.name.starts_with(prefix) &&
               (region.empty() || bucket.owner.region == region);
    }
};

Result<Buckets_Page> buckets_page(S3_Call& call) {
    Buckets_Page page{.prefix = call.text("prefix"), .region = call.text("bucket-region"), .after = {}};
    if (const auto text = call.text("max-buckets"); !text.empty()) {
        const auto number = base::parse_number<std::int64_t>(text);
        if (!number) {
            return call.refuse_argument("Provided max-buckets not an integer or within integer range", "max-buckets",
                                        text);
        }
        if (*number < 1 || *number > buckets_max) {
            return call.refuse_argument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets",
                                        std::to_string(*number));
        }
        page.count_max = *number;
    }
    if (!call.text("continuation-token").empty()) {
        auto after = position_of_token(call);
        if (!after) return after.error();
        page.after = std::move(*after);
    }
    return page;
}

void add_bucket(pugi::xml_node list, const engine::S3_Bucket& bucket, bool with_region) {
    auto element = list.append_child("Bucket");
    add_element(element, "Name", bucket.name);
    add_element(element, "CreationDate", base::iso8601_ms_z(base::from_unix_ms(bucket.created_ms)));
    if (with_region) add_element(element, "BucketRegion", bucket.owner.region);
    add_element(element, "BucketArn", "arn:aws:s3:::" + bucket.name);
}

struct Setting {
    std::string_view query;
    const char* root;  ///< root element of the response; nullptr: the response is an error
    const char *code, *message;
};
// S3's responses for a bucket without any settings.
constexpr std::array<Setting, 10> settings{
    {{"versioning", "VersioningConfiguration", "", ""},
     {"accelerate", "AccelerateConfiguration", "", ""},
     {"logging", "BucketLoggingStatus", "", ""},
     {"notification", "NotificationConfiguration", "", ""},
     {"policy", nullptr, "NoSuchBucketPolicy", "The bucket policy does not exist"},
     {"cors", nullptr, "NoSuchCORSConfiguration", "The CORS configuration does not exist"},
     {"lifecycle", nullptr, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"},
     {"website", nullptr, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"},
     {"replication", nullptr, "ReplicationConfigurationNotFoundError", "The replication configuration was not found"},
     {"object-lock", nullptr, "ObjectLockConfigurationNotFoundError",
      "Object Lock configuration does not exist for this bucket"}}};

}  // namespace

Result<Response> list_buckets(const S3& s3, S3_Call& call) {
    const auto page = buckets_page(call);
    if (!page) return page.error();
    const bool pages = std::ranges::any_of(list_parameters, [&](auto name) { return call.asks(name); });

    pugi::xml_document document;
    auto root = wire::add_root(document, "ListAllMyBucketsResult", s3_xmlns);
    add_element(root.append_child("Owner"), "ID", canonical_user_id(call.account));
    auto list = root.append_child("Buckets");
    std::int64_t count = 0;
    std::string last, next;
    for (const auto* bucket : s3.buckets(call.account)) {
        if (!page->takes(*bucket)) continue;
        if (count++ == page->count_max) {
            next = last;
            break;
        }
        add_bucket(list, *bucket, pages);
        last = bucket->name;
    }
    if (call.asks("prefix")) add_element(root, "Prefix", page->prefix);
    if (!next.empty()) add_element(root, "ContinuationToken", continuation_token(next));
    return xml_response(document);
}

Result<Response> create_bucket(S3& s3, S3_Call& call) {
    if (call.header("x-amz-bucket-object-lock-enabled") == "true")
        return call.refuse_header("x-amz-bucket-object-lock-enabled");
    std::string location;
    if (call.request.body.size() > 0) {
        const auto document = document_of(call);
        if (!document) return document.error();
        location = document->document_element().child_value("LocationConstraint");
    }
    if (auto done = s3.create_bucket(call.account, call.bucket, location); !done) {
        if (done.error().code == "InvalidLocationConstraint")
            return call.refuse(done.error(), {{"LocationConstraint", location}});
        return done.error();
    }
    auto response = empty_response(200);
    response.headers.set("Location", "/" + call.bucket);
    response.headers.set("x-amz-bucket-arn", "arn:aws:s3:::" + call.bucket);
    return response;
}

Result<Response> head_bucket(const S3& s3, const S3_Call& call) {
    const auto bucket = s3.bucket(call.account, call.bucket);
    if (!bucket) return bucket.error();
    auto response = empty_response(200);
    response.headers.set("Content-Type", "application/xml");
    response.headers.set("x-amz-bucket-region", (*bucket)->owner.region);
    response.headers.set("x-amz-bucket-arn", "arn:aws:s3:::" + call.bucket);
    response.headers.set("x-amz-access-point-alias", "false");
    return response;
}

Result<Response> bucket_location(const S3& s3, const S3_Call& call) {
    const auto bucket = s3.bucket(call.account, call.bucket);
    if (!bucket) return bucket.error();
    pugi::xml_document document;
    auto root = wire::add_root(document, "LocationConstraint", s3_xmlns);
    const auto& region = (*bucket)->owner.region;  // S3 returns an empty element for us-east-1
    if (region != "us-east-1") root.text().set(region.c_str());
    return xml_response(document);
}

Result<Response> delete_bucket(S3& s3, const S3_Call& call) {
    if (auto done = s3.delete_bucket(call.account, call.bucket); !done) return done.error();
    return empty_response(204);
}

std::optional<Result<Response>> untouched_bucket_setting(const S3& s3, S3_Call& call) {
    const auto setting =
        std::ranges::find_if(settings, [&](const auto& candidate) { return call.asks(candidate.query); });
    if (setting == settings.end()) return std::nullopt;
    if (const auto bucket = s3.bucket(call.account, call.bucket); !bucket) return bucket.error();
    if (setting->root == nullptr)
        return call.refuse({setting->code, setting->message, 404}, {{"BucketName", call.bucket}});
    pugi::xml_document document;
    wire::add_root(document, setting->root, s3_xmlns);
    return xml_response(document);
}

}  // namespace osbot_aws::server

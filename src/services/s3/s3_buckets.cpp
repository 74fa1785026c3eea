// S3's operations on buckets and their settings.
#include <fmt/format.h>

#include <algorithm>

#include "services/s3/s3_call.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_tags.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::int64_t buckets_max = 10'000;

struct Buckets_Page {
    std::string prefix, region, after;
    std::int64_t count_max = buckets_max;

    bool takes(const S3_Bucket& bucket) const {
        return bucket.name > after && bucket.name.starts_with(prefix) &&
               (region.empty() || bucket.owner.region == region);
    }
};

Result<Buckets_Page> buckets_page(const Call& call) {
    const auto fields = call.fields();
    Buckets_Page page{.prefix = fields.text_or("Prefix"), .region = fields.text_or("BucketRegion"), .after = {}};
    page.count_max = page_limit(call, "MaxBuckets", buckets_max);
    if (fields.text_or("ContinuationToken").empty()) return page;
    OSBOT_TRY(auto after, position_of_token(call));
    page.after = std::move(after);
    return page;
}

std::string arn_of(const std::string& bucket) { return "arn:aws:s3:::" + bucket; }

Json listed_json(const S3_Bucket& bucket, bool with_region) {
    Json json{
        {"Name", bucket.name}, {"CreationDate", document_time(bucket.created_ms)}, {"BucketArn", arn_of(bucket.name)}};
    if (with_region) json["BucketRegion"] = bucket.owner.region;
    return json;
}

Result<Json> list_buckets(S3& s3, const Call& call) {
    OSBOT_TRY(const auto page, buckets_page(call));
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html: a request with parameters gets regions
    const bool with_region = !call.input.empty();
    Json output{{"Owner", owner_json(call.account)}, {"Buckets", Json::array()}};
    Json& list = output["Buckets"];
    for (const auto* bucket : s3.buckets(call.account)) {
        if (!page.takes(*bucket)) continue;
        if (static_cast<std::int64_t>(list.size()) == page.count_max) {
            output["ContinuationToken"] = continuation_token(list.back()["Name"].get<std::string>());
            break;
        }
        list.push_back(listed_json(*bucket, with_region));
    }
    if (call.fields().has("Prefix")) output["Prefix"] = page.prefix;
    return output;
}

/// Creates a bucket of this region ("" for that of the request).
Result<void> create_bucket_in(S3& s3, const Call& call, const std::string& location) {
    auto done = s3.create_bucket(call.account, bucket_of(call), location);
    if (!done && done.error().code == "InvalidLocationConstraint")
        return refuse(call, done.error(), {{"LocationConstraint", location}});
    return done;
}

Result<Json> create_bucket(S3& s3, const Call& call) {
    const aws::Fields configuration(call.fields().object("CreateBucketConfiguration"));
    for (const char* of_directory_bucket : {"Location", "Bucket"})
        if (configuration.has(of_directory_bucket))
            return wire::not_implemented("S3", fmt::format("CreateBucket with {}", of_directory_bucket));
    OSBOT_TRY(const auto tags, checked_bucket_tags(configuration.pairs("Tags")));
    const std::string name = bucket_of(call);
    OSBOT_TRY(create_bucket_in(s3, call, configuration.text_or("LocationConstraint")));
    if (!tags.empty()) OSBOT_TRY(s3.tag_bucket(call.account, name, tags));
    return Json{{"Location", "/" + name}, {"BucketArn", arn_of(name)}};
}

Result<Json> head_bucket(S3& s3, const Call& call) {
    const std::string name = bucket_of(call);
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, name));
    return Json{{"BucketRegion", bucket->owner.region}, {"BucketArn", arn_of(name)}, {"AccessPointAlias", false}};
}

Result<Json> bucket_location(S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    const auto& region = bucket->owner.region;  // S3 returns an empty element for us-east-1
    return Json{{"LocationConstraint", region == "us-east-1" ? "" : region}};
}

Result<Json> delete_bucket(S3& s3, const Call& call) {
    return no_output(s3.delete_bucket(call.account, bucket_of(call)));
}

// ---- settings that the engine does not have ----

/// S3's error for a bucket without a setting.
struct Missing_Setting {
    const char *code, *message;
};
constexpr Missing_Setting no_policy{"NoSuchBucketPolicy", "The bucket policy does not exist"};
constexpr Missing_Setting no_cors{"NoSuchCORSConfiguration", "The CORS configuration does not exist"};
constexpr Missing_Setting no_lifecycle{"NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"};
constexpr Missing_Setting no_website{"NoSuchWebsiteConfiguration",
                                     "The specified bucket does not have a website configuration"};
constexpr Missing_Setting no_replication{"ReplicationConfigurationNotFoundError",
                                         "The replication configuration was not found"};
constexpr Missing_Setting no_object_lock{"ObjectLockConfigurationNotFoundError",
                                         "Object Lock configuration does not exist for this bucket"};

template <const Missing_Setting& setting>
Result<Json> no_setting(S3& s3, const Call& call) {
    OSBOT_TRY(s3.bucket(call.account, bucket_of(call)));
    return refuse(call, {setting.code, setting.message, 404}, {{"BucketName", bucket_of(call)}});
}

/// Responds with the empty document of a setting that was never changed.
Result<Json> unchanged_setting(S3& s3, const Call& call) {
    OSBOT_TRY(s3.bucket(call.account, bucket_of(call)));
    return Json::object();
}

}  // namespace

Operations s3_bucket_operations(S3& s3) {
    return {s3,
            {{"CreateBucket", &create_bucket},
             {"DeleteBucket", &delete_bucket},
             {"GetBucketAccelerateConfiguration", &unchanged_setting},
             {"GetBucketCors", &no_setting<no_cors>},
             {"GetBucketLifecycleConfiguration", &no_setting<no_lifecycle>},
             {"GetBucketLocation", &bucket_location},
             {"GetBucketLogging", &unchanged_setting},
             {"GetBucketNotificationConfiguration", &unchanged_setting},
             {"GetBucketPolicy", &no_setting<no_policy>},
             {"GetBucketReplication", &no_setting<no_replication>},
             {"GetBucketVersioning", &unchanged_setting},
             {"GetBucketWebsite", &no_setting<no_website>},
             {"GetObjectLockConfiguration", &no_setting<no_object_lock>},
             {"HeadBucket", &head_bucket},
             {"ListBuckets", &list_buckets}}};
}

}  // namespace osbot_aws::services

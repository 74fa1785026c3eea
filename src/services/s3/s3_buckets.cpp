// S3's operations on buckets.
#include <fmt/format.h>

#include <algorithm>

#include "services/s3/s3_acls.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_tags.hpp"
#include "services/s3/settings/settings.hpp"
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

Json listed_json(const S3_Bucket& bucket, bool with_region) {
    Json json{{"Name", bucket.name},
              {"CreationDate", document_time(bucket.created_ms)},
              {"BucketArn", bucket_arn(bucket.owner, bucket.name)}};
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

Result<void> check_ownership_header(const Call& call) {
    const auto ownership = call.fields().text("ObjectOwnership");
    for (const char* known : {"BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"})
        if (!ownership || *ownership == known) return {};
    return refuse(call, {"InvalidArgument", fmt::format("Invalid x-amz-object-ownership header: {}", *ownership), 400},
                  {{"ArgumentName", "x-amz-object-ownership"}});
}

/// Stores the settings that a new bucket has in the headers of the request.
Result<void> set_settings_of_headers(S3& s3, const Call& call) {
    const std::string name = bucket_of(call);
    if (const auto ownership = call.fields().text("ObjectOwnership"))
        OSBOT_TRY(s3.set_setting(call.account, name, ownership_setting.name,
                                 Json{{"Rules", {{{"ObjectOwnership", *ownership}}}}}));
    if (call.fields().flag("ObjectLockEnabledForBucket")) {
        OSBOT_TRY(s3.set_versioning(call.account, name, "Enabled"));
        OSBOT_TRY(s3.set_setting(call.account, name, lock_setting.name, Json{{"ObjectLockEnabled", "Enabled"}}));
    }
    return set_acl_of_new_bucket(s3, call);
}

Result<Json> create_bucket(S3& s3, const Call& call) {
    const aws::Fields configuration(call.fields().object("CreateBucketConfiguration"));
    for (const char* of_directory_bucket : {"Location", "Bucket"})
        if (configuration.has(of_directory_bucket))
            return wire::not_implemented("S3", fmt::format("CreateBucket with {}", of_directory_bucket));
    OSBOT_TRY(const auto tags, checked_bucket_tags(call, configuration.pairs("Tags")));
    OSBOT_TRY(check_ownership_header(call));
    const std::string name = bucket_of(call);
    const bool is_new = s3.bucket_of_any_account(name) == nullptr;
    OSBOT_TRY(create_bucket_in(s3, call, configuration.text_or("LocationConstraint")));
    // Source: LocalStack, services/s3/provider.py, create_bucket
    if (!is_new && !tags.empty()) return refuse(call, already_owned(), {{"BucketName", name}});
    if (!tags.empty()) OSBOT_TRY(s3.tag_bucket(call.account, name, tags));
    if (is_new) OSBOT_TRY(set_settings_of_headers(s3, call));
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, name));
    // Source: https://docs.aws.amazon.com/cli/latest/reference/s3api/create-bucket.html, examples 1 and 3
    const bool is_path = bucket->owner.region == "us-east-1";
    return Json{{"Location", is_path ? "/" + name : fmt::format("http://{}.s3.amazonaws.com/", name)},
                {"BucketArn", bucket_arn(bucket->owner, name)}};
}

Result<Json> head_bucket(S3& s3, const Call& call) {
    const std::string name = bucket_of(call);
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, name));
    return Json{{"BucketRegion", bucket->owner.region},
                {"BucketArn", bucket_arn(bucket->owner, name)},
                {"AccessPointAlias", false}};
}

Result<Json> bucket_location(S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    const auto& region = bucket->owner.region;  // S3 returns an empty element for us-east-1
    if (bucket->has_old_location) return Json{{"LocationConstraint", old_location}};
    return Json{{"LocationConstraint", region == "us-east-1" ? "" : region}};
}

Result<Json> delete_bucket(S3& s3, const Call& call) {
    return no_output(s3.delete_bucket(call.account, bucket_of(call)));
}

}  // namespace

Operations s3_bucket_operations(S3& s3) {
    return {s3,
            {{"CreateBucket", &create_bucket},
             {"DeleteBucket", &delete_bucket},
             {"GetBucketLocation", &bucket_location},
             {"HeadBucket", &head_bucket},
             {"ListBuckets", &list_buckets}}};
}

}  // namespace osbot_aws::services

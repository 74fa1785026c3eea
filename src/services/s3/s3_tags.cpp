#include "services/s3/s3_tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/utf8.hpp"
#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_versions.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t object_tags_max = 10, bucket_tags_max = 50;
constexpr std::size_t key_characters_max = 128, value_characters_max = 256;

Error invalid_tag(const Call& call, std::string message, aws::Error_Details details) {
    return refuse(call, {"InvalidTag", std::move(message), 400}, std::move(details));
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Returns true for letters, digits and spaces of any language, and some symbols.
bool is_tag_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || std::isalnum(byte) != 0 || std::string_view(" \t+-=._:/@").find(c) != std::string::npos;
    });
}

/// `reserved`: the message for a key that begins with aws:.
Result<void> check_tag(const Call& call, const std::string& key, const std::string& value, const char* reserved) {
    if (key.empty() || characters(key) > key_characters_max || !is_tag_text(key))
        return invalid_tag(call, "The TagKey you have provided is invalid", {{"TagKey", key}});
    if (characters(value) > value_characters_max || !is_tag_text(value))
        return invalid_tag(call, "The TagValue you have provided is invalid", {{"TagKey", key}, {"TagValue", value}});
    if (key.starts_with("aws:")) return invalid_tag(call, reserved, {{"TagKey", key}});
    return {};
}

// Recorded: LocalStack, tests/aws/services/s3/test_s3_api.snapshot.json, test_tagging_validation
Result<void> check_tags(const Call& call, const S3_Tags& tags, const char* reserved) {
    std::set<std::string> keys;
    for (const auto& [key, value] : tags) {
        OSBOT_TRY(check_tag(call, key, value, reserved));
        if (!keys.insert(key).second)
            return invalid_tag(call, "Cannot provide multiple Tags with the same key", {{"TagKey", key}});
    }
    return {};
}

Result<S3_Tags> checked_object_tags(const Call& call, S3_Tags tags) {
    if (tags.size() > object_tags_max) return Error{"BadRequest", "Object tags cannot be greater than 10", 400};
    OSBOT_TRY(check_tags(call, tags, "Your TagKey cannot be prefixed with aws:"));
    return tags;
}

/// Returns the tags in the body of a request.
S3_Tags tags_of_body(const Call& call) { return aws::Fields(call.fields().object("Tagging")).pairs("TagSet"); }

Json tagging_json(const S3_Tags& tags) {
    Json set = Json::array();
    for (const auto& [key, value] : tags) set.push_back({{"Key", key}, {"Value", value}});
    return {{"TagSet", std::move(set)}};
}

Result<Json> bucket_tagging(S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    if (bucket->tags.empty())
        return refuse(call, {"NoSuchTagSet", "The TagSet does not exist", 404}, {{"BucketName", bucket_of(call)}});
    return tagging_json(bucket->tags);
}

Result<Output> put_bucket_tagging(S3& s3, const Call& call) {
    OSBOT_TRY(s3.bucket(call.account, bucket_of(call)));
    OSBOT_TRY(auto tags, checked_bucket_tags(call, tags_of_body(call)));
    OSBOT_TRY(s3.tag_bucket(call.account, bucket_of(call), std::move(tags)));
    Output output(Json::object());
    output.status =
        204;  // as in the sample of https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html
    return output;
}

Result<Json> delete_bucket_tagging(S3& s3, const Call& call) {
    return no_output(s3.tag_bucket(call.account, bucket_of(call), {}));
}

/// Returns the object whose tags a request reads or changes. S3 names the bucket in the Key of its error, and rejects a
/// delete marker.
/// Recorded: LocalStack, tests/aws/services/s3/test_s3_api.snapshot.json, TestS3BucketObjectTagging
Result<S3_Object_Ptr> tagged_object(const S3& s3, const Call& call) {
    auto found = requested_object(s3, call);
    if (found || found.error().code != "NoSuchKey") return found;
    const auto marker = s3.find_version(call.account, bucket_of(call), key_of(call), std::nullopt);
    if (marker && *marker) return marker_not_allowed(call, **marker);
    return refuse(call, found.error(), {{"Key", fmt::format("{}/{}", bucket_of(call), key_of(call))}});
}

Json version_json(const S3& s3, const Call& call, const S3_Object& object) {
    Json output = Json::object();
    add_version(output, s3, call, object);
    return output;
}

Result<Json> object_tagging(S3& s3, const Call& call) {
    OSBOT_TRY(const auto object, tagged_object(s3, call));
    Json output = tagging_json(object->tags);
    add_version(output, s3, call, *object);
    return output;
}

/// Replaces the tags of an object.
Result<Json> tag_object(S3& s3, const Call& call, const S3_Object& object, S3_Tags tags, std::string_view event) {
    S3_Object tagged = object;
    tagged.tags = std::move(tags);
    OSBOT_TRY(s3.update_object(call.account, bucket_of(call), tagged));
    notify(s3, call, event, tagged);
    return version_json(s3, call, tagged);
}

Result<Json> put_object_tagging(S3& s3, const Call& call) {
    OSBOT_TRY(const auto object, requested_object(s3, call));
    OSBOT_TRY(auto tags, checked_object_tags(call, tags_of_body(call)));
    return tag_object(s3, call, *object, std::move(tags), "ObjectTagging:Put");
}

Result<Json> delete_object_tagging(S3& s3, const Call& call) {
    OSBOT_TRY(const auto object, requested_object(s3, call));
    return tag_object(s3, call, *object, {}, "ObjectTagging:Delete");
}

}  // namespace

Result<S3_Tags> tags_of_header(const Call& call) {
    const auto header = call.fields().text_or("Tagging");
    const auto tags = wire::parse_query(header);
    std::set<std::string> keys;
    if (!std::ranges::all_of(tags, [&](const auto& tag) {
            return !tag.first.empty() && base::is_utf8(tag.first) && base::is_utf8(tag.second) &&
                   tag.second.find(',') == std::string::npos && keys.insert(tag.first).second;
        })) {
        return refuse_argument(
            call,
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
            "name duplicates.",
            "x-amz-tagging", header);
    }
    return checked_object_tags(call, tags);
}

Result<S3_Tags> checked_bucket_tags(const Call& call, S3_Tags tags) {
    if (tags.size() > bucket_tags_max) return invalid_tag(call, "Bucket tag count cannot be greater than 50", {});
    OSBOT_TRY(check_tags(call, tags, "System tags cannot be added/updated by requester"));
    return tags;
}

Operations s3_tag_operations(S3& s3) {
    return {s3,
            {{"DeleteBucketTagging", &delete_bucket_tagging},
             {"DeleteObjectTagging", &delete_object_tagging},
             {"GetBucketTagging", &bucket_tagging},
             {"GetObjectTagging", &object_tagging},
             {"PutBucketTagging", &put_bucket_tagging},
             {"PutObjectTagging", &put_object_tagging}}};
}

}  // namespace osbot_aws::services

#include <osbot_aws/events/S3_Event.hpp>

#include "events/members.hpp"
#include "wire/http.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto bucket_members = [](auto& visit, auto& bucket) {
    visit("name", bucket.name);
    visit("arn", bucket.arn);
    visit("ownerIdentity", bucket.ownerIdentity);
};

constexpr auto object_members = [](auto& visit, auto& object) {  // `key` needs a conversion
    visit("size", object.size);
    visit("eTag", object.eTag);
    visit("versionId", object.versionId);
    visit("sequencer", object.sequencer);
};

constexpr auto entity_members = [](auto& visit, auto& entity) {
    visit("s3SchemaVersion", entity.s3SchemaVersion);
    visit("configurationId", entity.configurationId);
    visit("bucket", entity.bucket);
    visit("object", entity.object);
};

constexpr auto s3_record_members = [](auto& visit, auto& record) {
    visit("eventVersion", record.eventVersion);
    visit("eventSource", record.eventSource);
    visit("awsRegion", record.awsRegion);
    visit("eventTime", record.eventTime);
    visit("eventName", record.eventName);
    visit("s3", record.s3);
    visit("userIdentity", record.userIdentity);
    visit("requestParameters", record.requestParameters);
    visit("responseElements", record.responseElements);
};

constexpr auto s3_event_members = [](auto& visit, auto& event) { visit("Records", event.Records); };

std::string decoded_key(const Json& object) {
    const auto key = object.find("key");
    if (key == object.end()) return "";
    if (!key->is_string()) fail_invalid_event("key is not a text");
    return wire::percent_decode(key->get_ref<const std::string&>(), true);
}

/// S3 sends an event without records when a notification is configured.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
bool is_test_event(const Json& json) {
    const auto event = json.find("Event");
    return event != json.end() && *event == "s3:TestEvent";
}

}  // namespace

void from_json(const Json& json, S3_Bucket& bucket) { read_members(json, bucket, bucket_members); }
void to_json(Json& json, const S3_Bucket& bucket) { write_members(json, bucket, bucket_members); }

/// `other` retains the encoded key, because a key can be encoded in several ways.
void from_json(const Json& json, S3_Object& object) {
    read_members(json, object, object_members);
    object.key = decoded_key(object.other);
}
void to_json(Json& json, const S3_Object& object) {
    write_members(json, object, object_members);
    if (decoded_key(json) != object.key) json["key"] = wire::percent_encode(object.key, true);
}

void from_json(const Json& json, S3_Entity& entity) { read_members(json, entity, entity_members); }
void to_json(Json& json, const S3_Entity& entity) { write_members(json, entity, entity_members); }

void from_json(const Json& json, S3_Record& record) { read_members(json, record, s3_record_members); }
void to_json(Json& json, const S3_Record& record) { write_members(json, record, s3_record_members); }

void from_json(const Json& json, S3_Event& event) {
    if (!is_test_event(json)) check_source(json, "eventSource", "aws:s3");
    read_members(json, event, s3_event_members);
}
void to_json(Json& json, const S3_Event& event) { write_members(json, event, s3_event_members); }

}  // namespace osbot_aws::events

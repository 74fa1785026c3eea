#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// s3.bucket of an S3_Record.
struct S3_Bucket {
    std::string name = {};                ///< name of the bucket
    std::string arn = {};                 ///< ARN of the bucket
    Json ownerIdentity = Json::object();  ///< {principalId}
    Json other = Json::object();          ///< all other members

    bool operator==(const S3_Bucket&) const = default;
};

/// s3.object of an S3_Record.
struct S3_Object {
    /// The key as in S3's API, decoded: `red flower.jpg`. In the event it is encoded: `red+flower.jpg`.
    std::string key = {};
    std::int64_t size = 0;        ///< bytes; 0 for a deleted object
    std::string eTag = {};        ///< without quotes
    std::string versionId = {};   ///< empty without versioning
    std::string sequencer = {};   ///< hexadecimal; orders the events of one key
    Json other = Json::object();  ///< all other members

    bool operator==(const S3_Object&) const = default;
};

/// s3 of an S3_Record.
struct S3_Entity {
    std::string s3SchemaVersion = {};  ///< 1.0
    std::string configurationId = {};  ///< id of the notification configuration
    S3_Bucket bucket = {};             ///< the bucket
    S3_Object object = {};             ///< the object
    Json other = Json::object();       ///< all other members

    bool operator==(const S3_Entity&) const = default;
};

/// One change of an object.
struct S3_Record {
    std::string eventVersion = {};            ///< 2.1 or a later minor version
    std::string eventSource = {};             ///< aws:s3
    std::string awsRegion = {};               ///< region of the service
    std::string eventTime = {};               ///< ISO 8601
    std::string eventName = {};               ///< ObjectCreated:Put, ObjectRemoved:Delete ...
    S3_Entity s3 = {};                        ///< bucket and object
    Json userIdentity = Json::object();       ///< {principalId}
    Json requestParameters = Json::object();  ///< {sourceIPAddress}
    Json responseElements = Json::object();   ///< ids of the request
    Json other = Json::object();              ///< all other members

    bool operator==(const S3_Record&) const = default;
};

/// A notification of S3 about changed objects.
///
/// The members have AWS's names. `other` contains the members without a field of their own, so that to_json() writes
/// the same JSON that from_json() read. Errors of from_json(): Aws_Exception(InvalidEvent), naming the member, or the
/// service that sent the event. The test event that S3 sends to a queue or topic has no records.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
struct S3_Event {
    std::vector<S3_Record> Records = {};  ///< the records
    Json other = Json::object();          ///< all other members

    bool operator==(const S3_Event&) const = default;
};

void from_json(const Json& json, S3_Bucket& bucket);
void to_json(Json& json, const S3_Bucket& bucket);
void from_json(const Json& json, S3_Object& object);
void to_json(Json& json, const S3_Object& object);
void from_json(const Json& json, S3_Entity& entity);
void to_json(Json& json, const S3_Entity& entity);
void from_json(const Json& json, S3_Record& record);
void to_json(Json& json, const S3_Record& record);
void from_json(const Json& json, S3_Event& event);
void to_json(Json& json, const S3_Event& event);

}  // namespace osbot_aws::events

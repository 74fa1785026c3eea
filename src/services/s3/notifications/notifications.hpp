#pragma once

#include <string_view>

#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {

// Events of buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html

/// Checks a notification configuration, and sends the test event to its queues.
Result<void> check_notification(const S3_Setting_Request& request, Json& document);

/// Sends an event such as "ObjectCreated:Put" to the destinations of the bucket that are configured for it.
void notify(const S3& s3, const Call& call, std::string_view event, const S3_Object& object);
/// Sends the event of a deleted object, version or delete marker.
void notify_deleted(const S3& s3, const Call& call, const std::string& key, const S3_Deletion& deletion);
/// Sends the event of what a lifecycle rule deleted.
void notify_expired(const S3& s3, const S3_Bucket& bucket, const S3_Deletion& deletion);

}  // namespace osbot_aws::services

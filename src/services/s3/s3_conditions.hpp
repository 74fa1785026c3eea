#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

/// A condition of a request that is not met.
struct Failed_Condition {
    bool changed = true;    ///< false: "not modified", for which GET and HEAD return 304
    std::string_view name;  ///< S3's name of the condition
};

/// Evaluates the conditions of a read. ETag conditions take precedence over dates. `prefix` is the prefix of the
/// members: "" for GET and HEAD, "CopySource" for the source of a copy. If-Modified-Since is ignored if it is after
/// `now`. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html
std::optional<Failed_Condition> failed_read_condition(const aws::Fields& fields, std::string_view prefix,
                                                      const services::S3_Object& object, base::Time now);

/// Checks If-Match and If-None-Match of a write; `existing` is the current object with that key, or nullptr.
/// Errors: PreconditionFailed, NoSuchKey, NotImplemented (If-None-Match of anything but *).
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
Result<void> check_write_conditions(const Call& call, const services::S3_Object* existing);

/// Returns true if the ETags of a header, with or without quotes, contain this one or `*`.
bool names_etag(std::string_view etags, std::string_view etag);

Error precondition_failed(const Call& call, std::string_view condition);

}  // namespace osbot_aws::services

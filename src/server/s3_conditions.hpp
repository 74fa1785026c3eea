#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/s3_call.hpp"

namespace osbot_aws::server {

/// A condition of a request that does not hold.
struct Failed_Condition {
    bool changed = true;    ///< false: "not modified", which GET and HEAD answer with 304
    std::string_view name;  ///< of the condition, as S3 names it
};

/// The conditions of a read, with their precedence: an ETag that was named decides, and dates beside it don't. `prefix`
/// is that of the headers: "" for GET and HEAD, "x-amz-copy-source-" for the source of a copy.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html
std::optional<Failed_Condition> failed_read_condition(const wire::Headers& headers, std::string_view prefix,
                                                      const engine::S3_Object& object);

/// If-Match and If-None-Match of what makes an object; `there` is the object of that key, or nullptr.
/// Errors: PreconditionFailed, NoSuchKey, NotImplemented (If-None-Match of anything but *).
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
Result<void> check_write_conditions(S3_Call& call, const engine::S3_Object* there);

/// Whether the ETags of a header, with or without quotes, or `*`, name this one.
bool names_etag(std::string_view etags, std::string_view etag);

Error precondition_failed(S3_Call& call, std::string_view condition);

}  // namespace osbot_aws::server

#include "services/s3/s3_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "services/iam/policy/principals.hpp"

namespace osbot_aws::services {

std::string bucket_of(const Call& call) { return call.fields().text_or("Bucket"); }
std::string key_of(const Call& call) { return call.fields().text_or("Key"); }

std::string bucket_arn(const Account& owner, std::string_view bucket) {
    return wire::Arn{owner.partition(), "s3", "", "", bucket}.text();
}
std::string bucket_arn(const S3& s3, const Account& caller, const std::string& bucket) {
    const S3_Bucket* existing = s3.bucket_of_any_account(bucket);
    return bucket_arn(existing == nullptr ? caller : existing->owner, bucket);
}
std::string object_arn(const S3& s3, const Account& caller, const std::string& bucket, std::string_view key) {
    return fmt::format("{}/{}", bucket_arn(s3, caller, bucket), key);
}

Error refuse(const Call& call, Error error, aws::Error_Details about) {
    if (call.error_details) *call.error_details = std::move(about);
    return error;
}

constexpr std::string_view header_mark = "header:";

std::string header_detail(std::string_view header) { return std::string(header_mark).append(header); }

wire::Headers take_headers(aws::Error_Details& details) {
    wire::Headers headers;
    const auto is_header = [](const auto& detail) { return detail.first.starts_with(header_mark); };
    for (const auto& detail : details)
        if (is_header(detail)) headers.add(detail.first.substr(header_mark.size()), detail.second);
    std::erase_if(details, is_header);
    return headers;
}

Error refuse_argument(const Call& call, std::string message, std::string_view name, std::string_view value) {
    return refuse(call, {"InvalidArgument", std::move(message), 400},
                  {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}});
}

// With AWS's message. The feature that such a header requests (an ACL, encryption, a lock ...) is rejected, not ignored
// silently.
Error refuse_header(const Call& call, std::string_view name) {
    return refuse(call, {"NotImplemented", "A header you provided implies functionality that is not implemented", 501},
                  {{"Header", std::string(name)}});
}

Error access_denied() { return {"AccessDenied", "Access Denied", 403}; }

std::string quoted_etag(std::string_view etag) {
    std::string quoted;
    quoted.reserve(etag.size() + 2);
    return quoted.append("\"").append(etag).append("\"");
}

std::string_view unquoted_etag(std::string_view etag) {
    if (etag.starts_with('"')) etag.remove_prefix(1);
    if (etag.ends_with('"')) etag.remove_suffix(1);
    return etag;
}

std::string document_time(std::int64_t unix_ms) {
    return base::iso8601_ms_z(std::chrono::floor<std::chrono::seconds>(base::from_unix_ms(unix_ms)));
}

std::string last_modified(const S3_Object& object) { return base::http_date(base::from_unix_ms(object.modified_ms)); }

Json owner_json(const Account& account) { return {{"ID", canonical_user_id(account.id)}}; }

int page_limit(const Call& call, std::string_view member, int limit_max) {
    return std::min(call.fields().integer(member).value_or(limit_max), limit_max);
}

// Tokens have a marker, so that arbitrary text is not accepted as a token.
constexpr std::string_view token_mark = "1:";

std::string continuation_token(std::string_view position) {
    return base::base64_encode(fmt::format("{}{}", token_mark, position));
}

Result<std::string> position_of_token(const Call& call) {
    auto position = base::base64_decode(call.fields().text_or("ContinuationToken"));
    if (!position || !position->starts_with(token_mark)) {
        return refuse(call, {"InvalidArgument", "The continuation token provided is incorrect", 400},
                      {{"ArgumentName", "continuation-token"}});
    }
    return position->substr(token_mark.size());
}

}  // namespace osbot_aws::services

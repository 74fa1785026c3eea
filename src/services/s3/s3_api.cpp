#include "services/s3/s3_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "aws/models/models.hpp"
#include "aws/output.hpp"
#include "base/http_fields.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "services/protocol_error.hpp"
#include "services/s3/chunked_body.hpp"
#include "services/s3/forms/form_upload.hpp"
#include "services/s3/multipart.hpp"
#include "services/s3/s3_acls.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_copy.hpp"
#include "services/s3/s3_cors.hpp"
#include "services/s3/s3_integrity.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_versions.hpp"
#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {
namespace {

Operations s3_operations(services::S3& s3) {
    Operations all = s3_bucket_operations(s3);
    for (auto* const operations_of :
         {&s3_copy_operations, &s3_delete_operations, &s3_listing_operations, &s3_multipart_operations,
          &s3_object_operations, &s3_part_operations, &s3_tag_operations, &s3_version_operations, &s3_acl_operations,
          &s3_archive_operations, &s3_lock_operations, &s3_setting_operations})
        all.add(operations_of(s3));
    return all;
}

// ---- checks of all requests ----

/// Checks the query parameters that become header fields of the stored object or of the response. S3 returns this error
/// for values that it cannot send: https://github.com/guardian/grid/pull/1716
Result<void> check_fields_of_query(Signed_Request& call) {
    for (const auto& [name, value] : call.query) {
        const std::string field = base::lower_case(name);
        if (!field.starts_with("x-amz-") && !field.starts_with("response-")) continue;
        if (!base::is_field_name(name) || !base::is_field_value(value))
            return call.refuse_argument("Header value cannot be represented using ISO-8859-1.", name, value);
    }
    return {};
}

/// Checks the signature, and moves the headers that are in the query of a link to the headers.
Result<void> check_signed(Signed_Request& call, const services::Context& context) {
    OSBOT_TRY(check_s3_signature(call, context.keys, context.now()));
    take_headers_of_query(call);
    return check_fields_of_query(call);
}

/// Checks the parts of the address, which nearly all operations have.
Result<void> check_address(Signed_Request& call, const aws::Route& route) {
    if (const auto size = route.label("Key").size(); size > services::s3_key_bytes_max)
        return call.refuse(
            {"KeyTooLongError", "Your key is too long", 400},
            {{"Size", std::to_string(size)}, {"MaxSizeAllowed", std::to_string(services::s3_key_bytes_max)}});
    if (const auto version = wire::query_value(call.query, "versionId"); version && !is_version_id(*version))
        return call.refuse_argument(
            version->empty() ? "Version id cannot be the empty string" : "Invalid version id specified", "versionId",
            *version);
    return {};
}

/// Checks the owners of the bucket and of the source of a copy. The account of the call is that of the bucket.
Result<void> check_owners(const S3& s3, const Call& call) {
    const auto owner = call.request.headers["x-amz-expected-bucket-owner"];
    if (!owner.empty() && owner != call.account.id) return access_denied();
    const auto source_owner = call.request.headers["x-amz-source-expected-bucket-owner"];
    if (source_owner.empty() || source_owner == account_of_source(s3, call).id) return {};
    return access_denied();
}

/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html: "You must sign the request". Message:
/// https://github.com/jamhall/s3rver, lib/middleware/response-header-override.js
Result<void> check_anonymous(const Call& call) {
    if (!call.caller || call.caller->kind != Caller::Kind::anonymous) return {};
    for (const auto& [member, value] : call.input.items())
        if (member.starts_with("Response"))
            return Error{"InvalidRequest",
                         "Request specific response headers cannot be used for anonymous GET requests.", 400};
    return {};
}

// ---- values of members ----

/// The range of a number. Sources: the API reference of the operations with these members.
struct Value_Range {
    std::string_view member;
    std::int64_t min, max;
};
constexpr std::int64_t s3_number_max = std::numeric_limits<std::int32_t>::max();
constexpr Value_Range value_ranges[] = {
    {"MaxBuckets", 1, 10'000},        {"MaxKeys", 0, s3_number_max},         {"MaxParts", 0, s3_number_max},
    {"MaxUploads", 0, s3_number_max}, {"PartNumber", 1, s3_part_number_max}, {"PartNumberMarker", 0, s3_number_max}};

std::string range_text(const Value_Range& range, std::string_view parameter, std::optional<std::int64_t> number) {
    if (range.member == "PartNumber")
        return fmt::format("Part number must be an integer between {} and {}, inclusive", range.min, range.max);
    if (number && *number > s3_number_max)
        return fmt::format("Provided {} not an integer or within integer range", parameter);
    return fmt::format("Argument {} must be an integer between {} and {}", parameter, range.min, range.max);
}

Result<void> check_values(const aws::Operation& operation, const Call& call) {
    const auto& model = aws::s3_model();
    for (const Value_Range& range : value_ranges) {
        const aws::Member* member = model.find_member(model.shape(operation.input), range.member);
        const auto number = call.fields().number(range.member);
        if (member == nullptr || (!number && !member->has(aws::required))) continue;
        if (number && *number >= range.min && *number <= range.max) continue;
        return refuse_argument(call, range_text(range, member->on_wire(), number), member->on_wire(),
                               number ? std::to_string(*number) : "");
    }
    const auto encoding = call.fields().text_or("EncodingType", "url");
    if (encoding == "url") return {};
    return refuse_argument(call, "Invalid Encoding Method specified in Request", "encoding-type", encoding);
}

// ---- members that the engine does not act on ----

/// A member of a feature that the engine lacks. Only the value that describes what the engine does is accepted.
struct Unsupported {
    std::string_view member, accepted = {};
};

constexpr Unsupported unsupported[] = {
    {"AnnotationDirective"},
    {"BucketNamespace", "global"},
    // For directory buckets: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
    {"IfMatchInitiatedTime"},
    {"IfMatchLastModifiedTime"},
    {"IfMatchSize"},
    {"ObjectLockEventHold"},
    {"ObjectLockEventHoldDurationDays"},
    {"ObjectLockEventHoldDurationYears"},
    {"SSEKMSEncryptionContext"},
    {"WriteOffsetBytes"},
};

std::string_view header_of(const aws::Operation& operation, std::string_view member) {
    const auto& model = aws::s3_model();
    const aws::Member* found = model.find_member(model.shape(operation.input), member);
    return found == nullptr ? member : found->on_wire();
}

// The error of the last member is in https://github.com/localstack/localstack, services/s3/provider.py, delete_object.
Result<void> check_supported(const aws::Operation& operation, const Call& call) {
    for (const auto& [member, accepted] : unsupported) {
        const auto found = call.input.find(member);
        if (found == call.input.end()) continue;
        const std::string value = found->is_string() ? found->get<std::string>() : base::dump_json(*found);
        if (accepted.empty() || value != accepted) return refuse_header(call, header_of(operation, member));
    }
    return {};
}

/// Checks a header of deletes that only buckets with object lock permit.
Result<void> check_bypass(const S3& s3, const aws::Operation& operation, const Call& call) {
    const bool is_delete = std::string_view(operation.name).starts_with("Delete");
    if (!is_delete || !call.fields().has("BypassGovernanceRetention")) return {};
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    if (bucket->setting(lock_setting.name) != nullptr) return {};
    return refuse(call,
                  {"InvalidArgument",
                   "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.", 400},
                  {{"ArgumentName", "x-amz-bypass-governance-retention"}});
}

/// Returns true for an operation that creates a resource with an ACL. PutBucketAcl and PutObjectAcl check more.
bool takes_acl(const aws::Operation& operation) {
    const auto creating = {"CreateBucket", "PutObject", "CopyObject", "CreateMultipartUpload"};
    return std::ranges::find(creating, std::string_view(operation.name)) != creating.end();
}

/// Returns true for an operation that puts a document to an existing bucket. S3 looks for the bucket first.
bool puts_setting(const aws::Route& route) {
    return std::string_view(route.operation->name).starts_with("Put") && route.label("Key").empty();
}

/// Checks that a bucket exists. Whether a caller may use the bucket of another account is decided later, by policies.
Result<void> check_bucket(const S3& s3, const Call& call, const std::string& name) {
    const S3_Bucket* bucket = call.caller ? s3.bucket_of_any_account(name) : nullptr;
    OSBOT_TRY(s3.bucket(bucket == nullptr ? call.account : bucket->owner, name));
    return {};
}

/// Adds details to the errors for which S3 does so.
aws::Error_Details details_of(const Error& error, const aws::Route& route, const aws::Error_Details& details) {
    if (!details.empty()) return details;
    if (error.code == "NoSuchKey") return {{"Key", std::string(route.label("Key"))}};
    if (error.code.find("Bucket") != std::string::npos) return {{"BucketName", std::string(route.label("Bucket"))}};
    return {};
}

}  // namespace

S3_Api::S3_Api(services::Context& context, services::S3& s3)
    : Model_Api(context.loop, aws::s3_model(), s3_operations(s3)), context_(context), s3_(s3) {}

void S3_Api::handle_any(Service_Request sent, Reply reply) {
    if (is_preflight(sent.request)) return reply(respond_to_preflight(sent.request));
    if (auto headers = cors_headers(s3_, sent.request); !headers.empty())
        reply = [reply = std::move(reply), headers = std::move(headers)](wire::Response response) {
            for (const auto& [name, value] : headers) response.headers.set(name, value);
            reply(std::move(response));
        };
    if (is_form_upload(sent)) {
        auto put = put_request_of_form(s3_, std::move(sent), reply);
        if (put) handle_form(std::move(*put), std::move(reply));
        return;
    }
    handle(std::move(sent), std::move(reply));
}

void S3_Api::handle_form(Form_Put put, Reply reply) {
    if (authentication_ != nullptr) {
        auto caller = authentication_->form_caller(put.request.account, put.access_key_id, put.session_token);
        if (!caller) return reply(protocol_error("s3", caller.error()));
        put.request.caller = std::move(*caller);
    }
    handle(std::move(put.request), std::move(reply));
}

wire::Response S3_Api::respond_to_preflight(const wire::Request& head) const { return preflight_response(s3_, head); }

bool S3_Api::permits_page(const wire::Request& head) const { return cors_permits(s3_, head); }

Result<void> S3_Api::check_request(const aws::Route& route, Call& call) {
    Signed_Request signed_request(std::move(call.request), route.query);
    auto checked = check_signed(signed_request, context_);
    if (checked) checked = check_address(signed_request, route);
    call.request = std::move(signed_request.request);
    *call.error_details = std::move(signed_request.details);
    if (!checked || route.operation == nullptr || aws::streams_input(aws::s3_model(), *route.operation)) return checked;
    if (puts_setting(route)) OSBOT_TRY(check_bucket(s3_, call, std::string(route.label("Bucket"))));
    wire::Headers trailers;
    if (declares_chunks(call.request.headers)) {
        OSBOT_TRY(trailers, decode_chunked_body(context_.keys, call.request));
    }
    OSBOT_TRY(check_content_sha256(call, call.request.body.bytes()));
    return check_body_integrity(*route.operation, call, trailers);
}

Result<void> S3_Api::check_input(const aws::Route& route, const Call& call) {
    OSBOT_TRY(check_anonymous(call));
    OSBOT_TRY(check_owners(s3_, call));
    OSBOT_TRY(check_supported(*route.operation, call));
    OSBOT_TRY(check_values(*route.operation, call));
    OSBOT_TRY(check_bypass(s3_, *route.operation, call));
    return takes_acl(*route.operation) ? check_acl_headers(s3_, call) : Result<void>();
}

wire::Response S3_Api::error_response(const aws::Route& route, const Error& error, const aws::Error_Details& details,
                                      std::string_view request_id) {
    auto all = details_of(error, route, details);
    const auto headers = take_headers(all);
    auto response = aws::write_error(aws::s3_model(), error_of_service("s3", error), request_id, all);
    if (error.code == "InvalidRange")
        response.headers.set("Content-Range", "bytes */" + wire::query_value(all, "ActualObjectSize").value_or("*"));
    for (const auto& [name, value] : headers) response.headers.set(name, value);
    return response;
}

}  // namespace osbot_aws::services

#include "server/s3_api.hpp"

#include <fmt/format.h>

#include "base/http_fields.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "server/protocol_error.hpp"
#include "server/s3_buckets.hpp"
#include "server/s3_copy.hpp"
#include "server/s3_deletes.hpp"
#include "server/s3_listing.hpp"
#include "server/s3_multipart.hpp"
#include "server/s3_objects.hpp"
#include "server/s3_parts.hpp"
#include "server/s3_signature.hpp"
#include "server/s3_tags.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::server {
namespace {

using engine::Account;
using wire::Request;
using wire::Response;

Error not_implemented(const S3_Call& call, std::string_view on) {
    return wire::not_implemented("S3", fmt::format("{} {}", call.request.method, on));
}

Result<Response> run_on_bucket(engine::S3& s3, S3_Call& call) {
    const auto& method = call.request.method;
    if (call.asks("tagging") && method != "POST") return bucket_tagging(s3, call);
    if (method == "PUT") return create_bucket(s3, call);
    if (method == "HEAD") return head_bucket(s3, call);
    if (method == "DELETE") return delete_bucket(s3, call);
    if (method == "GET" && call.asks("uploads")) return list_multipart_uploads(s3, call);
    if (method == "GET" && call.asks("location")) return bucket_location(s3, call);
    if (method == "GET") return list_objects(s3, call);
    if (method == "POST" && call.asks("delete")) return delete_objects(s3, call);
    if (method == "POST") return wire::not_implemented("S3", "PostObject");
    return not_implemented(call, "on a bucket");
}

Result<Response> run_on_object(engine::S3& s3, engine::Context& context, S3_Call& call) {
    const auto& method = call.request.method;
    if (method == "POST" && call.asks("uploads")) return create_multipart_upload(s3, call);
    if (method == "POST" && call.asks("uploadId")) return complete_multipart_upload(s3, call);
    if (method == "DELETE" && call.asks("uploadId")) return abort_multipart_upload(s3, call);
    if (method == "GET" && call.asks("uploadId")) return list_parts(s3, call);
    if (call.asks("tagging") && method != "POST") return object_tagging(s3, call);
    if (method == "GET" && call.asks("attributes")) return object_attributes(s3, call);
    if (method == "GET" || method == "HEAD") return object_response(s3, context, call);
    if (method == "DELETE") return delete_object(s3, call);
    return not_implemented(call, "on an object");
}

/// Checks the query parameters that become header fields of the stored object or of the response. S3 returns this error
/// for values that it cannot send: https://github.com/guardian/grid/pull/1716
Result<void> check_fields_of_query(S3_Call& call) {
    for (const auto& [name, value] : call.query) {
        const std::string field = base::lower_case(name);
        if (!field.starts_with("x-amz-") && !field.starts_with("response-")) continue;
        if (!base::is_field_name(name) || !base::is_field_value(value))
            return call.refuse_argument("Header value cannot be represented using ISO-8859-1.", name, value);
    }
    return {};
}

/// Checks that apply to every operation. Errors: KeyTooLongError, InvalidArgument, AccessDenied.
Result<void> check_call(S3_Call& call) {
    if (auto checked = check_fields_of_query(call); !checked) return checked;
    if (call.key.size() > engine::s3_key_bytes_max) {
        return call.refuse(
            {"KeyTooLongError", "Your key is too long", 400},
            {{"Size", std::to_string(call.key.size())}, {"MaxSizeAllowed", std::to_string(engine::s3_key_bytes_max)}});
    }
    if (const auto version = call.text("versionId"); !version.empty() && version != "null")
        return call.refuse_argument("Invalid version id specified", "versionId", version);
    const auto owner = call.header("x-amz-expected-bucket-owner");
    if (!owner.empty() && owner != call.account.id) return Error{"AccessDenied", "Access Denied", 403};
    return {};
}

/// Runs an operation that does not wait for the disk: all except PutObject, UploadPart and their copies.
Result<Response> run(engine::Context& context, engine::S3& s3, S3_Call& call) {
    if (call.bucket.empty()) return call.request.method == "GET" ? list_buckets(s3, call) : not_implemented(call, "/");
    if (call.request.method == "GET") {
        if (auto response = untouched_bucket_setting(s3, call)) return std::move(*response);
    }
    if (const auto unknown = unknown_s3_operation(call); !unknown.empty()) return wire::not_implemented("S3", unknown);
    return call.key.empty() ? run_on_bucket(s3, call) : run_on_object(s3, context, call);
}

/// Verifies x-amz-content-sha256 against the blob of the body. Not for copies, whose requests have an empty body.
Result<void> check_sent_sha256(S3_Call& call, const store::Blob& blob) {
    return is_copy(call.request.headers) ? Result<void>() : check_content_sha256(call, [&] { return blob.sha256(); });
}

bool puts_part(const S3_Call& call) {
    return call.request.method == "PUT" && !call.bucket.empty() && !call.key.empty() && call.asks("uploadId");
}

/// Handles PutObject and CopyObject.
bool puts_object(const S3_Call& call) {
    return call.request.method == "PUT" && !call.bucket.empty() && !call.key.empty() && !call.asks("tagging") &&
           unknown_s3_operation(call).empty();
}

/// Adds details to the errors for which S3 does so.
S3_Call::Details details_of(const Error& error, const S3_Call& call) {
    if (!call.details.empty()) return call.details;
    if (error.code == "NoSuchKey") return {{"Key", call.key}};
    if (error.code.find("Bucket") != std::string::npos) return {{"BucketName", call.bucket}};
    return {};
}

Response refused(const Error& error, const S3_Call& call, const std::string& request_id) {
    auto details = details_of(error, call);
    auto response = wire::rest_xml_error(error_of_service("s3", error), request_id, details);
    if (error.code == "InvalidRange") {
        const auto size = wire::query_value(details, "ActualObjectSize").value_or("*");
        response.headers.set("Content-Range", "bytes */" + size);
    }
    if (call.request.method == "HEAD") response.body = {};  // the response to HEAD has no body, so no error code
    return response;
}

bool names_object(const Request& head) {
    return !s3_call({}, {.method = head.method, .target = head.target, .headers = head.headers}).key.empty();
}

Response finished(Result<Response> outcome, const S3_Call& call) {
    const auto request_id = base::random_hex(16);
    if (!outcome) return refused(outcome.error(), call, request_id);
    outcome->headers.set("x-amz-request-id", request_id);
    outcome->headers.set("x-amz-id-2", request_id);
    return std::move(*outcome);
}

}  // namespace

void S3_Api::handle(const Account& account, Request request, Reply reply) {
    auto call = s3_call(account, std::move(request));
    if (auto checked = check_s3_signature(call, context_.keys, context_.now()); !checked)
        return reply(finished(checked.error(), call));
    take_headers_of_query(call);
    if (auto checked = check_call(call); !checked) return reply(finished(checked.error(), call));
    if (puts_part(call)) return put_part(std::move(call), std::move(reply));
    const bool puts = puts_object(call), copies = is_copy(call.request.headers);
    if (puts && !copies) return put_object(std::move(call), std::move(reply));
    if (auto checked = check_content_sha256(call, call.request.body.bytes); !checked)
        return reply(finished(checked.error(), call));
    if (puts) return copy_object(std::move(call), std::move(reply));
    auto outcome = run(context_, s3_, call);
    reply(finished(std::move(outcome), call));
}

void S3_Api::put_object(S3_Call call, Reply reply) {
    if (auto bucket = s3_.bucket(call.account, call.bucket); !bucket) return reply(finished(bucket.error(), call));
    receive(std::move(call), std::move(reply), {std::string(s3_default_checksum), true}, put_uploaded);
}

void S3_Api::put_part(S3_Call call, Reply reply) {
    auto added_checksum = part_checksum(s3_, call);
    if (!added_checksum) return reply(finished(added_checksum.error(), call));
    if (!is_copy(call.request.headers))
        return receive(std::move(call), std::move(reply), *added_checksum, part_uploaded);
    auto source = part_source(s3_, call);
    if (!source) return reply(finished(source.error(), call));
    receive_copy(std::move(call), std::move(reply), std::move(*added_checksum), std::move(*source), part_uploaded);
}

void S3_Api::copy_object(S3_Call call, Reply reply) {
    auto copy = begin_copy(s3_, call);
    if (!copy) return reply(finished(copy.error(), call));
    if (!needs_bytes(*copy)) return reply(finished(finish_copy(s3_, call, *copy, nullptr), call));
    receive_copy(std::move(call), std::move(reply), {copy->algorithm},
                 slices_of(*copy->source, {0, copy->source->size}),
                 [copy = *copy](engine::S3& s3, S3_Call& copied, const S3_Upload& upload) {
                     return finish_copy(s3, copied, copy, &upload);
                 });
}

/// Copies the bytes to a file, then processes them as if a client had sent them.
void S3_Api::receive_copy(S3_Call call, Reply reply, S3_Added_Checksum added_checksum, std::vector<S3_Slice> source,
                          Finish finish) {
    struct Copy {
        S3_Call call;
        Reply reply;
        Result<void> copied = {};
    };
    auto copy = std::make_shared<Copy>(Copy{std::move(call), std::move(reply)});
    context_.loop.run_blocking(
        [this, copy, source = std::move(source)] {
            copy->copied = copy_slices(context_.store, source, copy->call.request.body);
        },
        [this, copy, added_checksum = std::move(added_checksum), finish = std::move(finish)] {
            if (!copy->copied) return copy->reply(finished(copy->copied.error(), copy->call));
            receive(std::move(copy->call), std::move(copy->reply), added_checksum, finish);
        });
}

void S3_Api::receive(S3_Call call, Reply reply, const S3_Added_Checksum& added_checksum, Finish finish) {
    wire::Body body = std::exchange(call.request.body, {});
    const wire::Headers headers = call.request.headers;
    receive_upload(
        context_, headers, std::move(body), added_checksum,
        [this, finish, call = std::move(call), reply = std::move(reply)](const Result<S3_Upload>& upload) mutable {
            if (!upload) return reply(finished(upload.error(), call));
            if (auto checked = check_sent_sha256(call, *upload->blob); !checked)
                return reply(finished(checked.error(), call));
            reply(finished(finish(s3_, call, *upload), call));
        });
}

bool S3_Api::takes_streams(const wire::Request& head) {
    if (head.method != "PUT" || is_copy(head.headers)) return false;
    return names_object(head);
}

bool S3_Api::reads_object(const wire::Request& head) { return head.method == "GET" && names_object(head); }

}  // namespace osbot_aws::server

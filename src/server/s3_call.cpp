#include "server/s3_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/hash.hpp"

namespace osbot_aws::server {
namespace {

/// Returns "bucket" for bucket.localhost:4566, bucket.s3.localhost, bucket.s3.eu-west-1.amazonaws.com; else "".
std::string bucket_of_host(std::string_view host) {
    host = host.substr(0, host.rfind(':'));
    if (host.starts_with("s3.") || host.starts_with("s3-")) return "";
    for (const std::string_view mark : {".s3.", ".s3-", ".localhost"}) {
        const auto at = host.rfind(mark);
        if (at != std::string_view::npos && at != 0) return std::string(host.substr(0, at));
    }
    return "";
}

// Unsupported operations on buckets and objects.
constexpr std::array<std::pair<std::string_view, std::string_view>, 27> sub_resources{
    {{"acl", "Acl"},
     {"policy", "BucketPolicy"},
     {"policyStatus", "BucketPolicyStatus"},
     {"versioning", "BucketVersioning"},
     {"versions", "ObjectVersions"},
     {"lifecycle", "BucketLifecycleConfiguration"},
     {"cors", "BucketCors"},
     {"website", "BucketWebsite"},
     {"notification", "BucketNotificationConfiguration"},
     {"encryption", "BucketEncryption"},
     {"logging", "BucketLogging"},
     {"replication", "BucketReplication"},
     {"publicAccessBlock", "PublicAccessBlock"},
     {"ownershipControls", "BucketOwnershipControls"},
     {"accelerate", "BucketAccelerateConfiguration"},
     {"requestPayment", "BucketRequestPayment"},
     {"object-lock", "ObjectLockConfiguration"},
     {"analytics", "BucketAnalyticsConfiguration"},
     {"inventory", "BucketInventoryConfiguration"},
     {"metrics", "BucketMetricsConfiguration"},
     {"intelligent-tiering", "BucketIntelligentTieringConfiguration"},
     {"retention", "ObjectRetention"},
     {"legal-hold", "ObjectLegalHold"},
     {"torrent", "ObjectTorrent"},
     {"restore", "RestoreObject"},
     {"select", "SelectObjectContent"},
     {"renameObject", "RenameObject"}}};

std::string_view verb_of(std::string_view method) {
    if (method == "GET" || method == "HEAD") return "Get";
    return method == "DELETE" ? "Delete" : "Put";
}

}  // namespace

Error S3_Call::refuse_argument(std::string message, std::string_view name, std::string_view value) {
    return refuse({"InvalidArgument", std::move(message), 400},
                  {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}});
}

// With AWS's message. The feature that such a header requests (an ACL, encryption, a lock ...) is rejected, not ignored
// silently.
Error S3_Call::refuse_header(std::string_view name) {
    return refuse({"NotImplemented", "A header you provided implies functionality that is not implemented", 501},
                  {{"Header", std::string(name)}});
}

S3_Call s3_call(const engine::Account& account, wire::Request request) {
    S3_Call call{.account = account, .request = std::move(request), .bucket = {}, .key = {}, .query = {}};
    call.bucket = bucket_of_host(call.header("Host"));
    call.bucket_in_host = !call.bucket.empty();
    call.query = wire::parse_query(call.request.query());
    auto path = call.request.path();
    if (path.starts_with('/')) path.remove_prefix(1);
    if (!call.bucket_in_host) {
        const auto slash = path.find('/');
        call.bucket = wire::percent_decode(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    call.key = wire::percent_decode(path);
    return call;
}

std::string unknown_s3_operation(const S3_Call& call) {
    const auto& method = call.request.method;
    const auto found =
        std::ranges::find_if(sub_resources, [&](const auto& sub_resource) { return call.asks(sub_resource.first); });
    if (found == sub_resources.end()) return "";
    if (found->first == "versions") return "ListObjectVersions";
    if (method == "POST" || found->first == "renameObject") return std::string(found->second);
    const auto* of_what = found->first != "acl" ? "" : call.key.empty() ? "Bucket" : "Object";
    return fmt::format("{}{}{}", verb_of(method), of_what, found->second);
}

Result<pugi::xml_document> document_of(S3_Call& call) {
    const auto text = wire::take_bytes(call.request.body);
    if (!text) return text.error();
    return wire::parse_xml(*text);
}

std::string quoted_etag(std::string_view etag) { return fmt::format("\"{}\"", etag); }

std::string_view unquoted_etag(std::string_view etag) {
    if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) return etag.substr(1, etag.size() - 2);
    return etag;
}

wire::Response xml_response(const pugi::xml_document& document) {
    wire::Response response;
    response.headers = {{"Content-Type", "application/xml"}};
    response.body.bytes = wire::xml_text(document);
    return response;
}

wire::Response empty_response(int status) {
    wire::Response response;
    response.status = status;
    return response;
}

std::string canonical_user_id(const engine::Account& account) {
    return base::sha256_hex("the canonical user of account " + account.id);
}

// Tokens have a marker, so that arbitrary text is not accepted as a token.
constexpr std::string_view token_mark = "1:";

std::string continuation_token(std::string_view position) {
    return base::base64_encode(fmt::format("{}{}", token_mark, position));
}

Result<std::string> position_of_token(S3_Call& call) {
    auto position = base::base64_decode(call.text("continuation-token"));
    if (!position || !position->starts_with(token_mark)) {
        return call.refuse({"InvalidArgument", "The continuation token provided is incorrect", 400},
                           {{"ArgumentName", "continuation-token"}});
    }
    return position->substr(token_mark.size());
}

}  // namespace osbot_aws::server

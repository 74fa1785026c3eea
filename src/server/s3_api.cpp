#include "server/s3_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/random.hpp"
#include "base/time_text.hpp"
#include "server/s3_upload.hpp"
#include "wire/errors.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::server {
namespace {

using engine::Account;
using engine::S3;
using wire::add_element;
using wire::Headers;
using wire::Request;
using wire::Response;
using Query = std::vector<std::pair<std::string, std::string>>;

constexpr const char* name_space = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What a request is about, found from its path and host.
struct Place {
    std::string bucket, key;
    Query query;

    bool asks(std::string_view name) const { return wire::query_value(query, name).has_value(); }
    std::string text(std::string_view name) const { return wire::query_value(query, name).value_or(""); }
};

/// "bucket" of bucket.s3.localhost:4566, bucket.localhost, bucket.s3.eu-west-1.amazonaws.com; else "".
std::string bucket_of_host(std::string_view host) {
    host = host.substr(0, host.rfind(':') == std::string_view::npos ? host.size() : host.rfind(':'));
    for (const std::string_view mark : {".s3.", ".s3-", ".localhost"}) {
        const auto at = host.find(mark);
        if (at == std::string_view::npos || at == 0) continue;
        const auto name = host.substr(0, at);
        return name == "s3" ? "" : std::string(name);
    }
    return "";
}

Place place_of(const Request& request) {
    Place place{.bucket = bucket_of_host(request.headers["Host"]), .query = wire::parse_query(request.query())};
    auto path = request.path();
    if (path.starts_with('/')) path.remove_prefix(1);
    if (place.bucket.empty()) {
        const auto slash = path.find('/');
        place.bucket = wire::percent_decode(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    }
    place.key = wire::percent_decode(path);
    return place;
}

// Questions about a bucket or an object that we do not answer, by the name of the operation.
constexpr std::array<std::pair<std::string_view, std::string_view>, 24> sub_resources{
    {{"acl", "Acl"},
     {"policy", "BucketPolicy"},
     {"policyStatus", "BucketPolicyStatus"},
     {"tagging", "Tagging"},
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
     {"uploads", "MultipartUpload"},
     {"uploadId", "MultipartUpload"},
     {"attributes", "ObjectAttributes"},
     {"retention", "ObjectRetention"},
     {"legal-hold", "ObjectLegalHold"},
     {"restore", "RestoreObject"}}};

std::string unknown_operation(const Request& request, const Place& place) {
    const auto& method = request.method;
    const auto found = std::ranges::find_if(sub_resources, [&](const auto& one) { return place.asks(one.first); });
    if (found == sub_resources.end()) return "";
    if (found->first == "uploads") return method == "POST" ? "CreateMultipartUpload" : "ListMultipartUploads";
    if (found->first == "uploadId") {
        return method == "PUT"    ? "UploadPart"
               : method == "POST" ? "CompleteMultipartUpload"
               : method == "GET"  ? "ListParts"
                                  : "AbortMultipartUpload";
    }
    if (found->first == "versions") return "ListObjectVersions";
    if (found->first == "restore") return "RestoreObject";
    const bool of_either = found->first == "acl" || found->first == "tagging";
    return fmt::format("{}{}{}",
                       method == "GET"      ? "Get"
                       : method == "DELETE" ? "Delete"
                                            : "Put",
                       !of_either          ? ""
                       : place.key.empty() ? "Bucket"
                                           : "Object",
                       found->second);
}

std::string quoted(const std::string& etag) { return "\"" + etag + "\""; }

Response xml_response(const pugi::xml_document& document) {
    Response response;
    response.headers = {{"Content-Type", "application/xml"}};
    response.body.bytes = wire::xml_text(document);
    return response;
}

Response empty_response(int status) {
    Response response;
    response.status = status;
    return response;
}

Result<Response> list_buckets(S3& s3, const Account& account) {
    pugi::xml_document document;
    auto root = wire::add_root(document, "ListAllMyBucketsResult", name_space);
    auto owner = root.append_child("Owner");
    add_element(owner, "ID", account.id);
    add_element(owner, "DisplayName", account.id);
    auto list = root.append_child("Buckets");
    for (const auto& [name, created_ms] : s3.buckets(account)) {
        auto bucket = list.append_child("Bucket");
        add_element(bucket, "Name", name);
        add_element(bucket, "CreationDate", base::iso8601_ms_z(base::from_unix_ms(created_ms)));
    }
    return xml_response(document);
}

Result<Response> create_bucket(S3& s3, const Account& account, const Place& place, const Request& request) {
    std::string location;
    if (!request.body.bytes.empty()) {
        const auto document = wire::parse_xml(request.body.bytes);
        if (!document) return document.error();
        location = document->document_element().child_value("LocationConstraint");
    }
    if (auto done = s3.create_bucket(account, place.bucket, location); !done) return done.error();
    auto response = empty_response(200);
    response.headers.set("Location", "/" + place.bucket);
    return response;
}

Result<Response> head_bucket(S3& s3, const Account& account, const Place& place) {
    const auto bucket = s3.bucket(account, place.bucket);
    if (!bucket) return bucket.error();
    auto response = empty_response(200);
    response.headers.set("x-amz-bucket-region", (*bucket)->owner.region);
    return response;
}

Result<Response> bucket_location(S3& s3, const Account& account, const Place& place) {
    const auto bucket = s3.bucket(account, place.bucket);
    if (!bucket) return bucket.error();
    pugi::xml_document document;
    auto root = wire::add_root(document, "LocationConstraint", name_space);
    const auto& region = (*bucket)->owner.region;  // us-east-1 is the one without a name
    if (region != "us-east-1") root.text().set(region.c_str());
    return xml_response(document);
}

Result<Response> list_objects(S3& s3, const Account& account, const Place& place) {
    const bool second = place.text("list-type") == "2";
    const auto token = place.text("continuation-token");
    int keys_max = 1000;
    if (const auto asked = place.text("max-keys"); !asked.empty()) {
        const auto [end, error] = std::from_chars(asked.data(), asked.data() + asked.size(), keys_max);
        if (error != std::errc{} || end != asked.data() + asked.size() || keys_max < 0) {
            return Error{"InvalidArgument", "Provided max-keys not an integer or within integer range", 400};
        }
    }
    keys_max = std::min(keys_max, 1000);
    const auto after = !second         ? place.text("marker")
                       : token.empty() ? place.text("start-after")
                                       : wire::percent_decode(token);
    const auto listed = s3.list_objects(
        account, place.bucket,
        {.prefix = place.text("prefix"), .delimiter = place.text("delimiter"), .after = after, .keys_max = keys_max});
    if (!listed) return listed.error();

    const bool encode = place.text("encoding-type") == "url";
    const auto name = [&](const std::string& text) { return encode ? wire::percent_encode(text, true) : text; };
    const bool truncated = !listed->next.empty();
    pugi::xml_document document;
    auto root = wire::add_root(document, "ListBucketResult", name_space);
    add_element(root, "Name", place.bucket);
    add_element(root, "Prefix", name(place.text("prefix")));
    if (place.asks("delimiter")) add_element(root, "Delimiter", name(place.text("delimiter")));
    add_element(root, "MaxKeys", std::to_string(keys_max));
    if (encode) add_element(root, "EncodingType", "url");
    add_element(root, "IsTruncated", truncated);
    if (second) {
        add_element(root, "KeyCount", std::to_string(listed->objects.size() + listed->common_prefixes.size()));
        if (!token.empty()) add_element(root, "ContinuationToken", token);
        if (place.asks("start-after")) add_element(root, "StartAfter", name(place.text("start-after")));
        if (truncated) add_element(root, "NextContinuationToken", wire::percent_encode(listed->next));
    } else {
        add_element(root, "Marker", name(place.text("marker")));
        if (truncated && place.asks("delimiter")) add_element(root, "NextMarker", name(listed->next));
    }
    for (const auto& object : listed->objects) {
        auto contents = root.append_child("Contents");
        add_element(contents, "Key", name(object.key));
        add_element(contents, "LastModified", base::iso8601_ms_z(base::from_unix_ms(object.modified_ms)));
        add_element(contents, "ETag", quoted(object.etag));
        add_element(contents, "Size", std::to_string(object.size));
        add_element(contents, "StorageClass", "STANDARD");
    }
    for (const auto& prefix : listed->common_prefixes) {
        add_element(root.append_child("CommonPrefixes"), "Prefix", name(prefix));
    }
    return xml_response(document);
}

Result<Response> delete_objects(S3& s3, const Account& account, const Place& place, const Request& request) {
    const auto asked = wire::parse_xml(request.body.bytes);
    if (!asked) return asked.error();
    const bool quiet = std::string_view(asked->document_element().child_value("Quiet")) == "true";
    pugi::xml_document document;
    auto root = wire::add_root(document, "DeleteResult", name_space);
    for (const auto& object : asked->document_element().children("Object")) {
        const std::string key = object.child_value("Key");
        if (auto done = s3.delete_object(account, place.bucket, key); !done) return done.error();
        if (!quiet) add_element(root.append_child("Deleted"), "Key", key);
    }
    return xml_response(document);
}

std::optional<std::int64_t> seconds_of_http_date(const std::string& text) {
    std::tm parts{};
    if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return std::nullopt;
    return ::timegm(&parts);
}

bool names_etag(std::string_view list, const std::string& etag) {
    return list == "*" || list == etag || list.find(quoted(etag)) != std::string_view::npos;
}

/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, "Overriding response" and conditional headers
std::optional<int> failed_condition(const Headers& headers, const engine::S3_Object& object) {
    const auto changed_since = [&](const std::string& date) {
        const auto seconds = seconds_of_http_date(date);
        return !seconds || object.modified_ms / 1000 > *seconds;
    };
    if (const auto* tags = headers.find("If-Match")) {
        if (!names_etag(*tags, object.etag)) return 412;
    } else if (const auto* date = headers.find("If-Unmodified-Since"); date && changed_since(*date)) {
        return 412;
    }
    if (const auto* tags = headers.find("If-None-Match")) {
        if (names_etag(*tags, object.etag)) return 304;
    } else if (const auto* date = headers.find("If-Modified-Since"); date && !changed_since(*date)) {
        return 304;
    }
    return std::nullopt;
}

struct Byte_Range {
    std::uint64_t first = 0, size = 0;
};

/// nullopt: no range, or one that is not understood and so ignored (RFC 9110).
Result<std::optional<Byte_Range>> range_of(std::string_view text, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    if (!text.starts_with(unit) || text.find(',') != std::string_view::npos) return std::optional<Byte_Range>{};
    text.remove_prefix(unit.size());
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::optional<Byte_Range>{};
    const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
        return value;
    };
    const auto first = number(text.substr(0, dash)), last = number(text.substr(dash + 1));
    const Error unsatisfiable{"InvalidRange", "The requested range is not satisfiable", 416};
    if (!first) {  // the last so many
        if (!last) return std::optional<Byte_Range>{};
        if (*last == 0 || size == 0) return unsatisfiable;
        const auto wanted = std::min(*last, size);
        return std::optional{Byte_Range{size - wanted, wanted}};
    }
    if (*first >= size) return unsatisfiable;
    if (last && *last < *first) return std::optional<Byte_Range>{};
    return std::optional{Byte_Range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1}};
}

// A presigned link may say how the answer is to look.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> overrides{
    {{"response-content-type", "Content-Type"},
     {"response-content-disposition", "Content-Disposition"},
     {"response-content-encoding", "Content-Encoding"},
     {"response-content-language", "Content-Language"},
     {"response-cache-control", "Cache-Control"},
     {"response-expires", "Expires"}}};

Result<Response> object_response(S3& s3, const store::Blobs& blobs, const Account& account, const Place& place,
                                 const Request& request) {
    const auto object = s3.object(account, place.bucket, place.key);
    if (!object) return object.error();
    Response response;
    response.headers = {{"ETag", quoted(object->etag)},
                        {"Last-Modified", base::http_date(base::from_unix_ms(object->modified_ms))},
                        {"Accept-Ranges", "bytes"},
                        {"x-amz-server-side-encryption", "AES256"}};
    if (const auto status = failed_condition(request.headers, *object)) {
        if (*status == 412) {
            return Error{"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412};
        }
        response.status = *status;
        return response;
    }
    const auto range = range_of(request.headers["Range"], object->size);
    if (!range) return range.error();
    const bool with_checksum = request.headers["x-amz-checksum-mode"] == "ENABLED" && !*range;
    for (const auto& [name, value] : object->headers) {
        if (name.starts_with("x-amz-checksum-") && !with_checksum) continue;
        response.headers.set(name, value);
    }
    for (const auto& [asked, header] : overrides) {
        if (place.asks(asked)) response.headers.set(header, place.text(asked));
    }
    const auto part = range->value_or(Byte_Range{0, object->size});
    if (*range) {
        response.status = 206;
        response.headers.set("Content-Range",
                             fmt::format("bytes {}-{}/{}", part.first, part.first + part.size - 1, object->size));
    }
    if (object->size > 0) {
        response.body.file = std::make_shared<wire::Body_File>(blobs.path(object->blob), false);
        response.body.file_offset = part.first;
        response.body.file_size = part.size;
    }
    return response;
}

/// What of a PutObject's headers comes back with the object.
std::map<std::string, std::string> kept_headers(const Headers& headers) {
    std::map<std::string, std::string> kept{{"content-type", "binary/octet-stream"}};
    for (const auto& [field, value] : headers) {
        std::string name(field);
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (name == "content-encoding") {
            auto encoding = value;  // aws-chunked is how it came, not what it is
            if (const auto at = encoding.find("aws-chunked"); at != std::string::npos) encoding.erase(at, 11);
            while (!encoding.empty() && (encoding.front() == ',' || encoding.front() == ' ')) encoding.erase(0, 1);
            while (!encoding.empty() && (encoding.back() == ',' || encoding.back() == ' ')) encoding.pop_back();
            if (!encoding.empty()) kept[name] = encoding;
        } else if (name == "content-type" || name == "cache-control" || name == "content-disposition" ||
                   name == "content-language" || name == "expires" || name.starts_with("x-amz-meta-")) {
            kept[name] = value;
        }
    }
    return kept;
}

Result<Response> put_uploaded(S3& s3, const Account& account, const Place& place, const Request& request,
                              const S3_Upload& upload) {
    const auto there = s3.object(account, place.bucket, place.key);
    if (request.headers["If-None-Match"] == "*" && there) {
        return Error{"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412};
    }
    engine::S3_Object object{.key = place.key,
                             .blob = upload.blob.sha256,
                             .size = upload.blob.size,
                             .etag = upload.md5,
                             .headers = kept_headers(request.headers)};
    Response response;
    response.headers = {{"ETag", quoted(upload.md5)}, {"x-amz-server-side-encryption", "AES256"}};
    for (const auto& [name, value] : upload.checksums) {
        object.headers[name] = value;
        response.headers.set(name, value);
    }
    if (!upload.checksums.empty()) {
        object.headers["x-amz-checksum-type"] = "FULL_OBJECT";
        response.headers.set("x-amz-checksum-type", "FULL_OBJECT");
    }
    if (auto done = s3.put_object(account, place.bucket, std::move(object)); !done) return done.error();
    return response;
}

Result<Response> copy_object(S3& s3, const Account& account, const Place& place, const Request& request,
                             std::int64_t now_ms) {
    auto source = request.headers["x-amz-copy-source"];
    source = source.substr(0, source.find('?'));
    if (source.starts_with('/')) source.remove_prefix(1);
    const auto decoded = wire::percent_decode(source);
    const auto slash = decoded.find('/');
    if (slash == std::string::npos) {
        return Error{"InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                     400};
    }
    auto object = s3.object(account, decoded.substr(0, slash), decoded.substr(slash + 1));
    if (!object) return object.error();
    object->key = place.key;
    if (request.headers["x-amz-metadata-directive"] == "REPLACE") object->headers = kept_headers(request.headers);
    const auto etag = object->etag;
    if (auto done = s3.put_object(account, place.bucket, std::move(*object)); !done) return done.error();
    pugi::xml_document document;
    auto root = wire::add_root(document, "CopyObjectResult", name_space);
    add_element(root, "LastModified", base::iso8601_ms_z(base::from_unix_ms(now_ms)));
    add_element(root, "ETag", quoted(etag));
    return xml_response(document);
}

Result<Response> delete_bucket(S3& s3, const Account& account, const Place& place) {
    if (auto done = s3.delete_bucket(account, place.bucket); !done) return done.error();
    return empty_response(204);
}

Result<Response> delete_object(S3& s3, const Account& account, const Place& place) {
    if (auto done = s3.delete_object(account, place.bucket, place.key); !done) return done.error();
    return empty_response(204);
}

/// Everything but PutObject, which waits for the disk.
Result<Response> run(engine::Context& context, S3& s3, const Account& account, const Place& place,
                     const Request& request) {
    const auto& method = request.method;
    if (const auto unknown = unknown_operation(request, place); !unknown.empty())
        return wire::not_implemented("S3", unknown);
    if (place.bucket.empty()) {
        return method == "GET" ? list_buckets(s3, account) : wire::not_implemented("S3", method + " /");
    }
    if (place.key.empty()) {
        if (method == "PUT") return create_bucket(s3, account, place, request);
        if (method == "HEAD") return head_bucket(s3, account, place);
        if (method == "DELETE") return delete_bucket(s3, account, place);
        if (method == "GET" && place.asks("location")) return bucket_location(s3, account, place);
        if (method == "GET") return list_objects(s3, account, place);
        if (method == "POST" && place.asks("delete")) return delete_objects(s3, account, place, request);
        return wire::not_implemented("S3", method + " on a bucket");
    }
    if (method == "GET" || method == "HEAD") return object_response(s3, context.store.blobs(), account, place, request);
    if (method == "DELETE") return delete_object(s3, account, place);
    if (method == "PUT") return copy_object(s3, account, place, request, base::unix_ms(context.now()));
    return wire::not_implemented("S3", method + " on an object");
}

/// S3 adds to some codes what they are about.
std::vector<std::pair<std::string, std::string>> details_of(const Error& error, const Place& place) {
    if (error.code == "NoSuchKey") return {{"Key", place.key}};
    if (error.code.find("Bucket") != std::string::npos) return {{"BucketName", place.bucket}};
    return {};
}

Response finished(Result<Response> outcome, const Place& place, bool is_head) {
    const auto request_id = base::random_hex(16);
    if (!outcome) {
        auto response = wire::rest_xml_error(outcome.error(), request_id, details_of(outcome.error(), place));
        if (is_head) response.body = {};  // the answer to HEAD has no body, and so no code
        return response;
    }
    outcome->headers.set("x-amz-request-id", request_id);
    outcome->headers.set("x-amz-id-2", request_id);
    return std::move(*outcome);
}

}  // namespace

void S3_Api::handle(const Account& account, Request request, Reply reply) {
    auto place = place_of(request);
    const bool puts_object = request.method == "PUT" && !place.key.empty() &&
                             !request.headers.find("x-amz-copy-source") && unknown_operation(request, place).empty();
    if (!puts_object) {
        return reply(finished(run(context_, s3_, account, place, request), place, request.method == "HEAD"));
    }
    if (auto bucket = s3_.bucket(account, place.bucket); !bucket) return reply(finished(bucket.error(), place, false));

    // Hashing and the disk are not for the loop; the name is given back on it.
    struct Upload {
        Account account;
        Place place;
        Request request;
        Reply reply;
        Result<S3_Upload> taken = Error{};
    };
    auto upload = std::make_shared<Upload>(Upload{account, std::move(place), std::move(request), std::move(reply)});
    context_.loop.run_blocking(
        [this, upload] {
            upload->taken = take_upload(context_.store.blobs(), context_.store.temporary_folder(), upload->request);
        },
        [this, upload] {
            auto outcome = upload->taken
                               ? put_uploaded(s3_, upload->account, upload->place, upload->request, *upload->taken)
                               : Result<Response>{upload->taken.error()};
            upload->reply(finished(std::move(outcome), upload->place, false));
        });
}

}  // namespace osbot_aws::server

// S3's operations that read and write objects.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.hpp"
#include "services/s3/archives/archives.hpp"
#include "services/s3/encryption/customer_key.hpp"
#include "services/s3/multipart.hpp"
#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_body.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_conditions.hpp"
#include "services/s3/s3_new_object.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_ranges.hpp"
#include "services/s3/s3_service_object.hpp"
#include "services/s3/s3_upload.hpp"
#include "services/s3/s3_versions.hpp"

namespace osbot_aws::services {
namespace {

// Query parameters of a request, such as a presigned link, that set response headers.
constexpr std::pair<const char*, const char*> overrides[] = {
    {"ResponseContentType", "ContentType"},         {"ResponseContentDisposition", "ContentDisposition"},
    {"ResponseContentEncoding", "ContentEncoding"}, {"ResponseContentLanguage", "ContentLanguage"},
    {"ResponseCacheControl", "CacheControl"},       {"ResponseExpires", "Expires"}};

Json identity_json(const S3_Object& object) {
    Json output = Json::object();
    output["ETag"] = quoted_etag(object.etag);
    output["LastModified"] = last_modified(object);
    return output;
}

/// Returns the headers of an object. Its checksum describes all of its bytes, so it is not returned with a part of
/// them.
Json object_json(const S3& s3, const Call& call, const S3_Object& object, const std::optional<Byte_Range>& range) {
    Json output = identity_json(object);
    output["AcceptRanges"] = "bytes";
    add_encryption(output, call, object);
    add_stored(output, object);
    add_restore(output, object, s3.context().now());
    const bool is_whole = !range || range->size == object.size;
    if (call.fields().text_or("ChecksumMode") == "ENABLED" && is_whole) add_checksums(output, object.headers);
    if (!object.tags.empty()) output["TagCount"] = object.tags.size();
    for (const auto& [parameter, member] : overrides)
        if (auto value = call.fields().text(parameter)) output[member] = std::move(*value);
    if (call.fields().has("PartNumber") && !object.parts.empty()) output["PartsCount"] = object.parts.size();
    if (range && object.size > 0)
        output["ContentRange"] =
            fmt::format("bytes {}-{}/{}", range->first, range->first + range->size - 1, object.size);
    return output;
}

/// Returns the range of the part in partNumber. An object that was not uploaded in parts has one part.
/// Errors: InvalidRequest, InvalidPartNumber.
Result<Byte_Range> range_of_part(const Call& call, const S3_Object& object) {
    const auto number = call.fields().number("PartNumber").value_or(0);
    const std::string text = std::to_string(number);
    if (!call.fields().text_or("Range").empty())
        return Error{"InvalidRequest", "Cannot specify both Range header and partNumber query parameter", 400};
    const auto at = static_cast<std::size_t>(number - 1), count = std::max<std::size_t>(object.parts.size(), 1);
    if (at >= count) {
        return refuse(call, {"InvalidPartNumber", "The requested partnumber is not satisfiable", 416},
                      {{"ActualPartCount", std::to_string(count)}, {"PartNumberRequested", text}});
    }
    if (object.parts.empty()) return Byte_Range{0, object.size};
    Byte_Range range{0, object.parts[at].blob->size()};
    for (std::size_t before = 0; before < at; ++before) range.first += object.parts[before].blob->size();
    return range;
}

/// Returns the requested range, or nullopt for the whole object.
Result<std::optional<Byte_Range>> requested_range(const Call& call, const S3_Object& object) {
    if (call.fields().has("PartNumber")) {
        OSBOT_TRY(const auto part, range_of_part(call, object));
        return std::optional{part};
    }
    const std::string text = call.fields().text_or("Range");
    const auto range = range_of(text, object.size);
    if (range) return *range;
    return refuse(call, range.error(), {{"RangeRequested", text}, {"ActualObjectSize", std::to_string(object.size)}});
}

// ---- GetObject and HeadObject ----

/// The result of a read: the headers, and the bytes unless the client has them already.
struct Read {
    S3_Object_Ptr object;
    Output output;
    std::optional<Byte_Range> bytes;
};

/// Errors: PreconditionFailed, InvalidRange, InvalidPartNumber.
Result<Read> read_object(S3& s3, const Call& call, bool (*is_unreadable)(const S3_Object&, base::Time)) {
    OSBOT_TRY(const auto found, requested_object(s3, call));
    const auto& object = *found;
    OSBOT_TRY(check_customer_key(call, object));
    if (const auto failed = failed_read_condition(call.fields(), "", object, s3.context().now())) {
        if (failed->changed) return precondition_failed(call, failed->name);
        Read unchanged{found, identity_json(object), std::nullopt};
        add_version(unchanged.output.members, s3, call, object);
        unchanged.output.status = 304;
        return unchanged;
    }
    if (is_unreadable != nullptr && is_unreadable(object, s3.context().now())) {
        return refuse(call, {"InvalidObjectState", "The operation is not valid for the object's storage class", 403},
                      {{"StorageClass", std::string(storage_class(object))}});
    }
    OSBOT_TRY(const auto range, requested_range(call, object));
    Read read{found, object_json(s3, call, object, range), range.value_or(Byte_Range{0, object.size})};
    add_version(read.output.members, s3, call, object);
    if (!call.fields().has("VersionId")) add_expiration(read.output.members, s3, call, object);
    read.output.status = range ? 206 : 200;
    return read;
}

Result<Output> get_object(S3& s3, const Call& call) {
    OSBOT_TRY(auto read, read_object(s3, call, &is_archived));
    if (!read.bytes) return std::move(read.output);
    read.output.payload = object_body(s3.context(), *read.object, *read.bytes);
    if (read.output.payload.stream()) read.output.members["ContentLength"] = read.bytes->size;
    return std::move(read.output);
}

Result<Output> head_object(S3& s3, const Call& call) {
    OSBOT_TRY(auto read, read_object(s3, call, nullptr));
    if (read.bytes) read.output.members["ContentLength"] = read.bytes->size;
    return std::move(read.output);
}

// ---- GetObjectAttributes ----

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
constexpr std::array<std::string_view, 5> attribute_names{"ETag", "Checksum", "ObjectParts", "StorageClass",
                                                          "ObjectSize"};

Result<std::vector<std::string>> requested_attributes(const Call& call) {
    auto attributes = call.fields().texts("ObjectAttributes");
    for (const std::string& name : attributes) {
        if (std::ranges::find(attribute_names, name) == attribute_names.end())
            return refuse_argument(call, "Invalid attribute name specified.", "x-amz-object-attributes", name);
    }
    if (!attributes.empty()) return attributes;
    return Error{
        "InvalidRequest",
        "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty", 400};
}

/// Returns the parts. Part details are listed only if the upload requested checksums.
Result<Json> parts_json(const Call& call, const S3_Object& object) {
    constexpr int parts_max = 1000;
    Json output{{"TotalPartsCount", object.parts.size()}};
    // Source: LocalStack, services/s3/provider.py, get_object_attributes
    const auto type = object.headers.find("x-amz-checksum-type");
    const bool is_composite = type != object.headers.end() && type->second == "COMPOSITE";
    if (!is_composite || object.parts.front().checksum.empty()) return output;
    const auto first = static_cast<std::size_t>(call.fields().integer("PartNumberMarker").value_or(0));
    const int count = page_limit(call, "MaxParts", parts_max);
    const auto begin = std::min(first, object.parts.size()),
               end = std::min(begin + static_cast<std::size_t>(count), object.parts.size());
    output["PartNumberMarker"] = first;
    output["NextPartNumberMarker"] = begin < end ? end : 0;
    output["MaxParts"] = count;
    output["IsTruncated"] = end < object.parts.size();
    for (auto at = begin; at < end; ++at)
        output["Parts"].push_back({{"PartNumber", at + 1},
                                   {"Size", object.parts[at].blob->size()},
                                   {checksum_name(object), object.parts[at].checksum}});
    return output;
}

/// Returns the checksums of an object. Here that of parts has no `-<number of parts>` at its end.
/// Recorded: moto, tests/test_s3/test_s3_copyobject.py, test_copy_key_boto3_with_args__using_multipart (ran on S3)
Json attribute_checksums(const S3_Object& object) {
    Json checksums;
    add_checksums(checksums, object.headers);
    for (auto& [member, value] : checksums.items()) {
        const auto text = value.get<std::string>();
        if (!object.parts.empty() && member != "ChecksumType") value = text.substr(0, text.find('-'));
    }
    return checksums;
}

Result<Json> get_object_attributes(S3& s3, const Call& call) {
    OSBOT_TRY(const auto attributes, requested_attributes(call));
    OSBOT_TRY(const auto found, requested_object(s3, call));
    const auto& object = *found;
    OSBOT_TRY(check_customer_key(call, object));
    const auto has = [&](std::string_view name) { return std::ranges::find(attributes, name) != attributes.end(); };
    Json output{{"LastModified", last_modified(object)}};
    add_version(output, s3, call, object);
    if (has("ETag")) output["ETag"] = object.etag;
    if (has("Checksum") && has_checksum(object)) output["Checksum"] = attribute_checksums(object);
    if (has("StorageClass")) output["StorageClass"] = storage_class(object);
    if (has("ObjectSize")) output["ObjectSize"] = object.size;
    if (!has("ObjectParts") || object.parts.empty()) return output;
    auto parts = parts_json(call, object);
    if (!parts) return parts;
    output["ObjectParts"] = std::move(*parts);
    return output;
}

// ---- PutObject ----

/// Stores an object after its bytes were received. Errors: those of described_object() and check_write_conditions().
Result<Json> put_received(S3& s3, const Call& call, const S3_Upload& upload) {
    const auto existing = s3.object(call.account, bucket_of(call), key_of(call));
    OSBOT_TRY(check_write_conditions(call, existing ? existing->get() : nullptr));
    OSBOT_TRY(auto object, described_object(call));
    OSBOT_TRY(apply_settings(s3, call, object));
    object.blob = upload.blob;
    object.size = upload.blob->size();
    object.etag = upload.sums.md5;
    auto checksums = upload.sums.declared;
    checksums.insert(upload.sums.added.begin(), upload.sums.added.end());
    checksums["x-amz-checksum-type"] = "FULL_OBJECT";
    for (const auto& [name, value] : checksums) object.headers[name] = value;
    OSBOT_TRY(const auto stored, s3.put_object(call.account, bucket_of(call), std::move(object)));
    notify(s3, call, call.request.method == "POST" ? "ObjectCreated:Post" : "ObjectCreated:Put", *stored);
    Json output{{"ETag", quoted_etag(upload.sums.md5)}};
    add_encryption(output, call, *stored);
    add_expiration(output, s3, call, *stored);
    if (!stored->version.empty()) output["VersionId"] = stored->version;  // S3 omits `null` here
    add_checksums(output, checksums);
    return output;
}

void put_object(S3& s3, Call&& call, const Answer& answer) {
    if (auto bucket = s3.bucket(call.account, bucket_of(call)); !bucket) return answer(bucket.error());
    receive(s3, std::move(call), {std::string(s3_default_checksum), true}, &put_received, answer);
}

}  // namespace

void put_service_object(S3& s3, const Account& account, S3_Service_Object object,
                        std::function<void(Result<void>)> done) {
    Call call{.account = account,
              .input = {{"Bucket", object.bucket}, {"Key", object.key}, {"ContentType", object.content_type}},
              .request = {},
              .request_id = base::random_hex(16)};
    call.request.method = "PUT";
    call.request.body = std::move(object.content);
    put_object(s3, std::move(call), [done = std::move(done)](const Result<Output>& stored) {
        done(stored ? Result<void>() : Result<void>(stored.error()));
    });
}

Operations s3_object_operations(S3& s3) {
    return {s3,
            {{"GetObject", &get_object},
             {"GetObjectAttributes", &get_object_attributes},
             {"HeadObject", &head_object},
             {"PutObject", &put_object}}};
}

}  // namespace osbot_aws::services

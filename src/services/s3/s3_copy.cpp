#include "services/s3/s3_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/characters.hpp"
#include "base/text.hpp"
#include "services/s3/archives/archives.hpp"
#include "services/s3/encryption/customer_key.hpp"
#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_body.hpp"
#include "services/s3/s3_conditions.hpp"
#include "services/s3/s3_new_object.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_upload.hpp"
#include "services/s3/s3_versions.hpp"
#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html: larger objects must be copied in parts
constexpr std::uint64_t copy_bytes_max = 5ULL << 30;

// Each of these members changes the object, so that a copy to itself is allowed.
constexpr std::array changes{"StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption", "SSECustomerAlgorithm"};
// Properties of the source that a copy does not get.
constexpr std::array own_headers{"x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-object-lock-",
                                 "x-amz-server-side-encryption", restore_header};

/// A CopyObject request that passed all checks.
struct S3_Copy {
    S3_Object_Ptr source;
    std::string algorithm;  ///< checksum algorithm of the copy, in lower case
    bool replaces_metadata = false;
};

/// Returns true if a directive is REPLACE, false if it is COPY or missing.
Result<bool> replaces(const Call& call, const char* member, std::string_view subject) {
    const auto value = call.fields().text_or(member);
    if (value.empty() || value == "COPY") return false;
    if (value == "REPLACE") return true;
    return refuse_argument(call, fmt::format("Unknown {} directive.", subject),
                           fmt::format("x-amz-{}-directive", subject), value);
}

Result<void> check_size(const S3_Object& source) {
    if (source.size <= copy_bytes_max) return {};
    return Error{
        "InvalidRequest",
        fmt::format("The specified copy source is larger than the maximum allowable size for a copy source: {}",
                    copy_bytes_max),
        400};
}

/// Returns true if the copy gets an encryption or a storage class without a header that requests it.
/// Recorded: LocalStack, tests/aws/services/s3/test_s3.snapshot.json, test_copy_in_place_with_bucket_encryption ...
bool changes_by_itself(const S3_Bucket& bucket, const S3_Object& existing) {
    return bucket.setting(encryption_setting.name) != nullptr ||
           existing.headers.contains("x-amz-server-side-encryption") || existing.headers.contains(restore_header);
}

/// Checks the permissions to copy the tags of the source.
/// Source: https://repost.aws/knowledge-center/s3-troubleshoot-copy-between-buckets
/// Recorded: https://github.com/ceph/ceph/pull/47897
Result<void> check_tag_access(const S3& s3, const Call& call, const S3_Source& source, const S3_Object& object) {
    if (!call.denial || object.tags.empty() || call.fields().text_or("TaggingDirective") == "REPLACE") return {};
    const Object_Action actions[] = {
        {.action = source.version.empty() ? "s3:GetObjectTagging" : "s3:GetObjectVersionTagging",
         .resource = object_arn(s3, call.account, source.bucket, source.key),
         .version = source.version},
        {.action = "s3:PutObjectTagging", .resource = object_arn(s3, call.account, bucket_of(call), key_of(call))}};
    for (const Object_Action& action : actions)
        if (auto denied = call.denial(action)) return *denied;
    return {};
}

/// In a bucket with versioning, a copy of a version to its own key is not a copy to itself: it makes that version, also
/// if it is the current one, the current one again.
/// Recorded: moto, tests/test_s3/test_s3_copyobject.py, test_copy_object_in_place_with_versioning (ran on S3)
Result<void> check_onto_itself(const S3& s3, const Call& call, const S3_Source& source, const S3_Object& existing,
                               bool replaces_metadata) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    const bool is_current =
        source.version.empty() || (bucket->versioning != "Enabled" && existing.version_text() == source.version);
    const bool itself = source.bucket == bucket_of(call) && source.key == key_of(call) && is_current;
    const bool changed =
        replaces_metadata || std::ranges::any_of(changes, [&](auto member) { return call.fields().has(member); });
    if (!itself || changed || changes_by_itself(*bucket, existing)) return {};
    return Error{"InvalidRequest",
                 "This copy request is illegal because it is trying to copy an object to itself without changing the "
                 "object's metadata, storage class, website redirect location or encryption attributes.",
                 400};
}

/// Copies the headers of the source. REPLACE takes those that describe the object from the request instead. The
/// storage class, the redirect, the lock, the encryption and the restoration are never copied.
void copy_headers(S3_Object& target, const S3_Object& source, bool replaces_metadata) {
    const auto is_own = [](const std::string& name) {
        return std::ranges::any_of(own_headers, [&](const char* header) { return name.starts_with(header); });
    };
    if (!replaces_metadata) std::erase_if(target.headers, [&](const auto& header) { return !is_own(header.first); });
    for (const auto& [name, value] : source.headers) {
        const bool of_bytes = name.starts_with(checksum_prefix);
        if (of_bytes || (!replaces_metadata && !is_own(name))) target.headers[name] = value;
    }
}

/// Makes the copy share the bytes of the source.
void share_bytes(S3_Object& target, const S3_Object& source) {
    target.blob = source.blob;
    target.parts = source.parts;
    target.size = source.size;
    target.etag = source.etag;
}

/// Sets the new bytes of the copy, its ETag and its checksums.
void take_bytes(S3_Object& target, const S3_Upload& upload) {
    target.blob = upload.blob;
    target.size = upload.blob->size();
    target.etag = upload.sums.md5;
    std::erase_if(target.headers, [](const auto& header) { return header.first.starts_with(checksum_prefix); });
    target.headers.insert(upload.sums.added.begin(), upload.sums.added.end());
    target.headers["x-amz-checksum-type"] = "FULL_OBJECT";
}

/// Returns the algorithm of a copy's checksum, in lower case: the requested one, else the source's, else S3's default.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
Result<std::string> algorithm_of(const Call& call, const S3_Object& source) {
    const auto requested = base::lower_case(call.fields().text_or("ChecksumAlgorithm"));
    if (!requested.empty() && !S3_Checksum::of(requested)) return unsupported_checksum();
    if (!requested.empty()) return requested;
    for (const auto& [name, value] : source.headers) {
        if (name.starts_with(checksum_prefix) && name != "x-amz-checksum-type")
            return name.substr(checksum_prefix.size());
    }
    return std::string(s3_default_checksum);
}

Json copy_output(const Call& call, const S3_Object& target) {
    Json result{{"LastModified", document_time(target.modified_ms)}, {"ETag", quoted_etag(target.etag)}};
    add_checksums(result, target.headers);
    Json output{{"CopyObjectResult", std::move(result)}};
    add_encryption(output, call, target);
    return output;
}

/// Checks a CopyObject request. Errors: InvalidRequest (copy to itself without a change, too large), InvalidArgument,
/// PreconditionFailed, InvalidObjectState.
Result<S3_Copy> begin_copy(const S3& s3, const Call& call) {
    OSBOT_TRY(const auto source, copy_source(call));
    OSBOT_TRY(const auto replaces_metadata, replaces(call, "MetadataDirective", "metadata"));
    OSBOT_TRY(replaces(call, "TaggingDirective", "tagging"));
    const auto existing = s3.object(call.account, bucket_of(call), key_of(call));
    if (!existing && existing.error().code != "NoSuchKey") return existing.error();
    if (existing) OSBOT_TRY(check_onto_itself(s3, call, source, **existing, replaces_metadata));
    OSBOT_TRY(check_write_conditions(call, existing ? existing->get() : nullptr));
    OSBOT_TRY(const auto object, source_object(s3, call));
    OSBOT_TRY(check_tag_access(s3, call, source, *object));
    OSBOT_TRY(check_size(*object));
    OSBOT_TRY(auto algorithm, algorithm_of(call, *object));
    return S3_Copy{object, std::move(algorithm), replaces_metadata};
}

/// Returns true if the bytes must be read to compute the ETag or the checksum. A copy has no parts: its ETag is the MD5
/// of all bytes, and it has the requested checksum.
bool needs_bytes(const S3_Copy& copy) {
    const bool has_checksum = copy.source->headers.contains(fmt::format("{}{}", checksum_prefix, copy.algorithm));
    return !copy.source->parts.empty() || !has_checksum;
}

/// Creates the copy. It shares the bytes of the source if `upload` is nullptr.
Result<Json> finish_copy(S3& s3, const Call& call, const S3_Copy& copy, const S3_Upload* upload) {
    // Another request may have written the object while a worker read the bytes.
    const auto existing = s3.object(call.account, bucket_of(call), key_of(call));
    OSBOT_TRY(check_write_conditions(call, existing ? existing->get() : nullptr));
    OSBOT_TRY(auto target, described_object(call));
    OSBOT_TRY(apply_settings(s3, call, target));
    if (call.fields().text_or("TaggingDirective") != "REPLACE") target.tags = copy.source->tags;
    copy_headers(target, *copy.source, copy.replaces_metadata);
    if (upload != nullptr)
        take_bytes(target, *upload);
    else
        share_bytes(target, *copy.source);
    OSBOT_TRY(const auto stored, s3.put_object(call.account, bucket_of(call), std::move(target)));
    notify(s3, call, "ObjectCreated:Copy", *stored);
    Json output = copy_output(call, *stored);
    add_expiration(output, s3, call, *stored);
    add_version(output, s3, call, *stored);
    add_source_version(output, s3, call, *copy.source);
    return output;
}

void copy_object(S3& s3, Call&& call, const Answer& answer) {
    auto copy = begin_copy(s3, call);
    if (!copy) return answer(copy.error());
    if (!needs_bytes(*copy)) {
        auto output = finish_copy(s3, call, *copy, nullptr);
        return answer(output ? Result<Output>(std::move(*output)) : output.error());
    }
    auto slices = slices_of(*copy->source, {0, copy->source->size});
    const S3_Added_Checksum checksum{copy->algorithm};
    const auto finish = [copy = std::move(*copy)](S3& target, const Call& copied, const S3_Upload& upload) {
        return finish_copy(target, copied, copy, &upload);
    };
    receive_copy(s3, std::move(call), checksum, std::move(slices), finish, answer);
}

/// Returns the error of a source that is missing or a delete marker; nullopt if it can be copied.
std::optional<Error> missing_source(const Call& call, const S3_Source& source, const S3_Object* found) {
    const bool is_marker = found != nullptr && found->is_delete_marker;
    if (found != nullptr && !is_marker) return std::nullopt;
    if (is_marker && !source.version.empty())
        return Error{"InvalidRequest",
                     "The source of a copy request may not specifically refer to a delete marker by version id.", 400};
    if (source.version.empty())
        return refuse(call, {"NoSuchKey", "The specified key does not exist.", 404}, {{"Key", source.key}});
    return refuse(call, {"NoSuchVersion", "The specified version does not exist.", 404},
                  {{"Key", source.key}, {"VersionId", source.version}});
}

/// Checks that the bytes of a source can be read. The model's ObjectNotInActiveTierError is not what S3 sends: see
/// https://github.com/s3tools/s3cmd/pull/193, and for the place in the order of checks LocalStack's
/// services/s3/provider.py, copy_object and upload_part_copy.
Result<void> check_restored(const S3& s3, const Call& call, const S3_Object& source) {
    if (!is_archived(source, s3.context().now())) return {};
    return refuse(call, {"InvalidObjectState", "Operation is not valid for the source object's storage class", 403},
                  {{"StorageClass", std::string(storage_class(source))}});
}

/// Returns the bucket and the key in a decoded source: the text after the first slash, or after the host of a URL.
std::string_view path_of_source(std::string_view source) {
    for (const std::string_view scheme : {"http://", "https://"})
        if (source.starts_with(scheme)) source.remove_prefix(std::min(source.find('/', scheme.size()), source.size()));
    base::take_prefix(source, "/");
    return source;
}

}  // namespace

Result<S3_Source> copy_source(const Call& call) {
    const std::string header = call.fields().text_or("CopySource");
    const auto question = std::min(header.find('?'), header.size());
    const std::string decoded = wire::percent_decode(header.substr(0, question), true);
    const std::string_view path = path_of_source(decoded);
    const auto slash = path.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == path.size()) {
        return refuse_argument(call, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                               "x-amz-copy-source", header);
    }
    const auto query = wire::parse_query(std::string_view(header).substr(std::min(question + 1, header.size())));
    const auto version = wire::query_value(query, "versionId").value_or("");
    if (!version.empty() && !is_version_id(version))
        return refuse_argument(call, "Invalid version id specified", "x-amz-copy-source", header);
    return S3_Source{std::string(path.substr(0, slash)), std::string(path.substr(slash + 1)), version};
}

Account account_of_source(const S3& s3, const Call& call) {
    const auto source = copy_source(call);
    const S3_Bucket* bucket = call.denial && source ? s3.bucket_of_any_account(source->bucket) : nullptr;
    return bucket == nullptr ? call.account : Account{bucket->owner.id, call.account.region};
}

Result<S3_Object_Ptr> source_object(const S3& s3, const Call& call) {
    OSBOT_TRY(const auto source, copy_source(call));
    auto found = s3.find_version(account_of_source(s3, call), source.bucket, source.key, version_of(source.version));
    if (!found && found.error().code == "NoSuchBucket")
        return refuse(call, found.error(), {{"BucketName", source.bucket}});
    if (!found) return found;
    if (auto missing = missing_source(call, source, found->get())) return *missing;
    OSBOT_TRY(check_restored(s3, call, **found));
    OSBOT_TRY(check_customer_key(call, **found, "CopySource"));
    if (const auto failed = failed_read_condition(call.fields(), "CopySource", **found, s3.context().now()))
        return precondition_failed(call, fmt::format("x-amz-copy-source-{}", failed->name));
    return found;
}

void add_source_version(Json& output, const S3& s3, const Call& call, const S3_Object& source) {
    const auto named = copy_source(call);
    if (named && shows_versions(s3, account_of_source(s3, call), named->bucket) && !source.version.empty())
        output["CopySourceVersionId"] = source.version;
}

Operations s3_copy_operations(S3& s3) { return {s3, {{"CopyObject", &copy_object}}}; }

}  // namespace osbot_aws::services

// S3's operations on the parts of multipart uploads.
#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/s3/encryption/customer_key.hpp"
#include "services/s3/multipart.hpp"
#include "services/s3/s3_body.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_copy.hpp"
#include "services/s3/s3_new_object.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_ranges.hpp"
#include "services/s3/s3_upload.hpp"

namespace osbot_aws::services {
namespace {

/// Errors: NoSuchBucket, NoSuchUpload.
Result<const S3_Multipart_Upload*> upload_of(const S3& s3, const Call& call) {
    const auto id = call.fields().text_or("UploadId");
    auto upload = s3.uploads().find(call.account, bucket_of(call), key_of(call), id);
    if (!upload) return refuse(call, upload.error(), {{"UploadId", id}});
    return upload;
}

/// Parses the range of the source. Both ends are required and must be inside the object.
/// Recorded: LocalStack, tests/aws/services/s3/test_s3_api.snapshot.json, test_upload_part_copy_range
Result<Byte_Range> source_range(const Call& call, std::uint64_t size) {
    const auto header = call.fields().text_or("CopySourceRange");
    if (header.empty()) return Byte_Range{0, size};
    std::string_view text = header;
    const bool has_unit = base::take_prefix(text, "bytes=");
    const auto first = base::parse_number<std::uint64_t>(base::take_until(text, '-')),
               last = base::parse_number<std::uint64_t>(text);
    if (!has_unit || !first || !last || *last < *first)
        return refuse_argument(call,
                               "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
                               "last are the zero-based offsets of the first and last bytes to copy",
                               "x-amz-copy-source-range", header);
    if (*first >= size)
        return Error{"InvalidRequest", "The specified copy range is invalid for the source object size", 400};
    if (*last < size) return Byte_Range{*first, *last - *first + 1};
    return refuse_argument(call, fmt::format("Range specified is not valid for source object of size: {}", size),
                           "x-amz-copy-source-range", header);
}

/// Returns the part to store. `checksums` are those that the request declares or the upload requested.
S3_Uploaded_Part part_of(const S3_Multipart_Upload& upload, const S3_Upload& received) {
    S3_Uploaded_Part part{.blob = received.blob,
                          .etag = received.sums.md5,
                          .modified_ms = 0,
                          .checksums = received.sums.declared,
                          .unrequested_checksums = {}};
    auto& checksums = upload.checksum_algorithm.empty() ? part.unrequested_checksums : part.checksums;
    checksums.insert(received.sums.added.begin(), received.sums.added.end());
    return part;
}

/// Checks UploadPart or UploadPartCopy before its bytes are received. Returns the checksum to compute for each part of
/// this upload: the one that the upload requested, else S3's default. Errors: NoSuchUpload, those of
/// check_customer_key_of_part().
Result<S3_Added_Checksum> part_checksum(S3& s3, const Call& call) {
    OSBOT_TRY(const auto upload, upload_of(s3, call));
    OSBOT_TRY(check_customer_key_of_part(call, upload->object));
    const auto algorithm = base::lower_case(upload->checksum_algorithm);
    return S3_Added_Checksum{algorithm.empty() ? std::string(s3_default_checksum) : algorithm};
}

/// Stores a part after its bytes were received.
Result<const S3_Uploaded_Part*> store_part(S3& s3, const Call& call, const S3_Upload& received) {
    const int number = call.fields().integer("PartNumber").value();  // required, see S3_Api::check_input
    OSBOT_TRY(const auto upload, upload_of(s3, call));  // may have been completed or aborted in the meantime
    OSBOT_TRY(s3.uploads().put_part(call.account, bucket_of(call), key_of(call), call.fields().text_or("UploadId"),
                                    number, part_of(*upload, received)));
    return &upload->parts.at(number);
}

Result<Json> part_received(S3& s3, const Call& call, const S3_Upload& received) {
    OSBOT_TRY(const auto part, store_part(s3, call, received));
    Json output{{"ETag", quoted_etag(part->etag)}};
    OSBOT_TRY(const auto upload, upload_of(s3, call));
    add_encryption(output, call, upload->object);
    add_checksums(output, part->checksums);
    return output;
}

void upload_part(S3& s3, Call&& call, const Answer& answer) {
    const auto added_checksum = part_checksum(s3, call);
    if (!added_checksum) return answer(added_checksum.error());
    receive(s3, std::move(call), *added_checksum, &part_received, answer);
}

Result<Json> part_copied(S3& s3, const Call& call, const S3_Object& source, const S3_Upload& received) {
    OSBOT_TRY(const auto part, store_part(s3, call, received));
    Json result{{"LastModified", document_time(part->modified_ms)}, {"ETag", quoted_etag(part->etag)}};
    add_checksums(result, part->checksums);
    Json output{{"CopyPartResult", std::move(result)}};
    OSBOT_TRY(const auto upload, upload_of(s3, call));
    add_encryption(output, call, upload->object);
    add_source_version(output, s3, call, source);
    return output;
}

/// Returns the bytes to copy. Errors: InvalidArgument (the range).
Result<std::vector<store::Blob_Slice>> part_source(const Call& call, const S3_Object& source) {
    OSBOT_TRY(const auto range, source_range(call, source.size));
    return slices_of(source, range);
}

void upload_part_copy(S3& s3, Call&& call, const Answer& answer) {
    const auto source = source_object(s3, call);  // S3 checks the source before the upload
    if (!source) return answer(source.error());
    const auto added_checksum = part_checksum(s3, call);
    if (!added_checksum) return answer(added_checksum.error());
    auto slices = part_source(call, **source);
    if (!slices) return answer(slices.error());
    const auto finish = [source = *source](S3& to, const Call& copied, const S3_Upload& received) {
        return part_copied(to, copied, *source, received);
    };
    receive_copy(s3, std::move(call), *added_checksum, std::move(*slices), finish, answer);
}

Json part_json(int number, const S3_Uploaded_Part& part) {
    Json json{{"PartNumber", number},
              {"LastModified", document_time(part.modified_ms)},
              {"ETag", quoted_etag(part.etag)},
              {"Size", part.blob->size()}};
    add_checksums(json, part.checksums);
    return json;
}

/// Adds the parts of a page.
void add_parts(Json& output, const S3_Multipart_Upload& upload, int after, int count_max) {
    int last = 0;
    Json& parts = output["Parts"] = Json::array();
    auto next = upload.parts.upper_bound(after);
    for (; next != upload.parts.end() && static_cast<int>(parts.size()) < count_max; ++next) {
        last = next->first;
        parts.push_back(part_json(next->first, next->second));
    }
    output["NextPartNumberMarker"] = last;
    output["IsTruncated"] = next != upload.parts.end();
}

Result<Json> list_parts(S3& s3, const Call& call) {
    constexpr int parts_max = 1000;
    OSBOT_TRY(const auto found, upload_of(s3, call));
    const auto& upload = *found;
    OSBOT_TRY(check_optional_customer_key(call, upload.object));
    const int count_max = page_limit(call, "MaxParts", parts_max);
    const int after = call.fields().integer("PartNumberMarker").value_or(0);
    Json output{{"Bucket", bucket_of(call)},
                {"Key", key_of(call)},
                {"UploadId", upload.id},
                {"Initiator", owner_json(call.account)},
                {"Owner", owner_json(call.account)},
                {"StorageClass", storage_class(upload.object)},
                {"PartNumberMarker", after},
                {"MaxParts", count_max}};
    if (!upload.checksum_algorithm.empty()) {
        output["ChecksumAlgorithm"] = upload.checksum_algorithm;
        output["ChecksumType"] = upload.checksum_type;
    }
    add_parts(output, upload, after, count_max);
    return output;
}

}  // namespace

Operations s3_part_operations(S3& s3) {
    return {s3, {{"ListParts", &list_parts}, {"UploadPart", &upload_part}, {"UploadPartCopy", &upload_part_copy}}};
}

}  // namespace osbot_aws::services

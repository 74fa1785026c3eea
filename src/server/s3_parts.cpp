#include "server/s3_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "engine/s3/multipart.hpp"
#include "server/s3_conditions.hpp"
#include "server/s3_copy.hpp"
#include "server/s3_object_headers.hpp"

namespace osbot_aws::server {
namespace {

using wire::add_element;

Result<int> part_number(S3_Call& call) {
    const auto text = call.text("partNumber");
    const auto number = base::parse_number<int>(text);
    if (number && *number >= 1 && *number <= engine::s3_part_number_max) return *number;
    return call.refuse_argument(
        fmt::format("Part number must be an integer between 1 and {}, inclusive", engine::s3_part_number_max),
        "partNumber", text);
}

/// Parses the range of the source. Both ends are required and must be inside the object.
Result<Byte_Range> source_range(S3_Call& call, std::uint64_t size) {
    const auto header = call.header("x-amz-copy-source-range");
    if (header.empty()) return Byte_Range{0, size};
    const auto range = range_of(header, size);
    const bool is_valid =
        range && *range && header == fmt::format("bytes={}-{}", (*range)->first, (*range)->first + (*range)->size - 1);
    if (is_valid) return **range;
    return call.refuse_argument(fmt::format("Range specified is not valid for source object of size: {}", size),
                                "x-amz-copy-source-range", header);
}

wire::Response copied_part(const engine::S3_Uploaded_Part& part) {
    pugi::xml_document document;
    auto root = wire::add_root(document, "CopyPartResult", s3_xmlns);
    add_element(root, "LastModified", base::iso8601_ms_z(base::from_unix_ms(part.modified_ms)));
    add_element(root, "ETag", quoted_etag(part.etag));
    add_checksums(root, part.checksums);
    return xml_response(document);
}

wire::Response put_part(const engine::S3_Uploaded_Part& part) {
    wire::Response response;
    response.headers = {{"ETag", quoted_etag(part.etag)}};
    for (const auto& [name, value] : part.checksums) response.headers.set(name, value);
    return response;
}

/// Returns the part to store. `checksums` are those that the request declares or the upload requested.
engine::S3_Uploaded_Part part_of(const engine::S3_Multipart_Upload& upload, const S3_Upload& received) {
    engine::S3_Uploaded_Part part{.blob = received.blob,
                                  .etag = received.sums.md5,
                                  .modified_ms = 0,
                                  .checksums = received.sums.declared,
                                  .unrequested_checksums = {}};
    auto& checksums = upload.checksum_algorithm.empty() ? part.unrequested_checksums : part.checksums;
    checksums.insert(received.sums.added.begin(), received.sums.added.end());
    return part;
}

int number_of(const S3_Call& call, std::string_view parameter, int default_value) {
    return base::parse_number<int>(call.text(parameter)).value_or(default_value);
}

}  // namespace

Result<S3_Added_Checksum> part_checksum(engine::S3& s3, S3_Call& call) {
    if (const auto number = part_number(call); !number) return number.error();
    const auto id = call.text("uploadId");
    const auto upload = s3.uploads().find(call.account, call.bucket, call.key, id);
    if (!upload) return call.refuse(upload.error(), {{"UploadId", id}});
    const auto algorithm = base::lower_case((*upload)->checksum_algorithm);
    return S3_Added_Checksum{algorithm.empty() ? std::string(s3_default_checksum) : algorithm};
}

Result<std::vector<S3_Slice>> part_source(engine::S3& s3, S3_Call& call) {
    const auto source = copy_source(call);
    if (!source) return source.error();
    const auto found = s3.object(call.account, source->bucket, source->key);
    if (!found) {
        call.details = {{"Key", source->key}};
        return found.error();
    }
    if (const auto failed = failed_read_condition(call.request.headers, copy_source_prefix, **found))
        return precondition_failed(call, fmt::format("{}{}", copy_source_prefix, failed->name));
    const auto range = source_range(call, (*found)->size);
    if (!range) return range.error();
    return slices_of(**found, *range);
}

Result<wire::Response> part_uploaded(engine::S3& s3, S3_Call& call, const S3_Upload& upload) {
    const auto number = part_number(call);
    if (!number) return number.error();
    const auto id = call.text("uploadId");
    const auto found = s3.uploads().find(call.account, call.bucket, call.key, id);
    if (!found) return call.refuse(found.error(), {{"UploadId", id}});  // completed or aborted in the meantime
    auto done = s3.uploads().put_part(call.account, call.bucket, call.key, id, *number, part_of(**found, upload));
    if (!done) return done.error();
    const auto& part = (*found)->parts.at(*number);
    auto response = is_copy(call.request.headers) ? copied_part(part) : put_part(part);
    response.headers.set("x-amz-server-side-encryption", "AES256");
    return response;
}

Result<wire::Response> list_parts(const engine::S3& s3, S3_Call& call) {
    constexpr int parts_max = 1000;
    const auto id = call.text("uploadId");
    const auto found = s3.uploads().find(call.account, call.bucket, call.key, id);
    if (!found) return call.refuse(found.error(), {{"UploadId", id}});
    const auto& upload = **found;
    const int after = number_of(call, "part-number-marker", 0);
    const int limit = std::clamp(number_of(call, "max-parts", parts_max), 0, parts_max);

    pugi::xml_document document;
    auto root = wire::add_root(document, "ListPartsResult", s3_xmlns);
    add_element(root, "Bucket", call.bucket);
    add_element(root, "Key", call.key);
    add_element(root, "UploadId", upload.id);
    for (const auto* role : {"Initiator", "Owner"})
        add_element(root.append_child(role), "ID", canonical_user_id(call.account));
    add_element(root, "StorageClass", storage_class(upload.object));
    add_element(root, "PartNumberMarker", std::to_string(after));
    add_element(root, "MaxParts", std::to_string(limit));
    if (!upload.checksum_algorithm.empty()) {
        add_element(root, "ChecksumAlgorithm", upload.checksum_algorithm);
        add_element(root, "ChecksumType", upload.checksum_type);
    }
    int last = 0, count = 0;
    auto next = upload.parts.upper_bound(after);
    for (; next != upload.parts.end() && count < limit; ++next, ++count) {
        const auto& [number, part] = *next;
        last = number;
        auto element = root.append_child("Part");
        add_element(element, "PartNumber", std::to_string(number));
        add_element(element, "LastModified", base::iso8601_ms_z(base::from_unix_ms(part.modified_ms)));
        add_element(element, "ETag", quoted_etag(part.etag));
        add_element(element, "Size", std::to_string(part.blob->size()));
        add_checksums(element, part.checksums);
    }
    add_element(root, "NextPartNumberMarker", std::to_string(last));
    add_element(root, "IsTruncated", next != upload.parts.end());
    return xml_response(document);
}

}  // namespace osbot_aws::server

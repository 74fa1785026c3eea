#include "server/s3_multipart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "engine/s3/multipart.hpp"
#include "server/s3_checksum.hpp"
#include "server/s3_conditions.hpp"
#include "server/s3_integrity.hpp"
#include "server/s3_object_headers.hpp"

namespace osbot_aws::server {
namespace {

using engine::S3_Listed_Part;
using engine::S3_Multipart_Upload;
using wire::add_element;

/// The checksum algorithm and type of an upload. CRCs may cover the whole object, SHA hashes only the parts' hashes,
/// and CRC64NVME only the whole object. Source:
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
Result<void> take_checksum_kind(S3_Call& call, S3_Multipart_Upload& upload) {
    const auto algorithm = call.header("x-amz-checksum-algorithm");
    const auto type = call.header("x-amz-checksum-type");
    if (algorithm.empty()) return {};
    if (!S3_Checksum::of(base::lower_case(algorithm))) return unsupported_checksum();
    const bool only_full = algorithm == "CRC64NVME", only_composite = algorithm.starts_with("SHA");
    if ((only_full && type == "COMPOSITE") || (only_composite && type == "FULL_OBJECT")) {
        return Error{"InvalidRequest",
                     fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.", type,
                                 base::lower_case(algorithm)),
                     400};
    }
    upload.checksum_algorithm = algorithm;
    upload.checksum_type = !type.empty() ? std::string(type) : only_full ? "FULL_OBJECT" : "COMPOSITE";
    return {};
}

/// Parses the list of parts. Errors: MalformedXML.
Result<std::vector<S3_Listed_Part>> listed_parts(const pugi::xml_node& root) {
    std::vector<S3_Listed_Part> parts;
    for (const auto& element : root.children("Part")) {
        const auto number = base::parse_number<int>(element.child_value("PartNumber"));
        if (!number || element.child("ETag").empty()) return wire::malformed_xml();
        S3_Listed_Part part{
            .number = *number, .etag = std::string(unquoted_etag(element.child_value("ETag"))), .checksums = {}};
        for (const auto& field : element.children()) {
            const std::string_view name = field.name();
            if (!name.starts_with("Checksum")) continue;
            part.checksums[fmt::format("{}{}", checksum_prefix, base::lower_case(name.substr(8)))] =
                field.child_value();
        }
        parts.push_back(std::move(part));
    }
    const bool is_list = std::string_view(root.name()) == "CompleteMultipartUpload";
    if (!is_list || parts.empty() || parts.size() > engine::s3_part_number_max) return wire::malformed_xml();
    return parts;
}

std::string checksum_of(const engine::S3_Uploaded_Part& part, const std::string& name) {
    for (const auto* checksums : {&part.checksums, &part.unrequested_checksums}) {
        if (const auto found = checksums->find(name); found != checksums->end()) return found->second;
    }
    return "";
}

/// Returns the headers with the object's checksum.
std::map<std::string, std::string> whole_checksum(const S3_Multipart_Upload& upload,
                                                  const std::vector<const engine::S3_Uploaded_Part*>& parts) {
    const bool by_default = upload.checksum_algorithm.empty();
    const auto algorithm = by_default ? std::string(s3_default_checksum) : base::lower_case(upload.checksum_algorithm);
    const auto name = fmt::format("{}{}", checksum_prefix, algorithm);
    std::vector<S3_Part_Checksum> checksums;
    for (const auto* part : parts) {
        const auto text = checksum_of(*part, name);
        if (text.empty()) return {};
        checksums.emplace_back(base::base64_decode(text).value_or(""), part->blob->size());
    }
    const std::string type = by_default ? "FULL_OBJECT" : upload.checksum_type;
    const bool full = type == "FULL_OBJECT";
    const auto raw = full ? full_object_checksum(algorithm, checksums) : composite_checksum(algorithm, checksums);
    if (!raw) return {};
    auto text = base::base64_encode(*raw);
    if (!full) text += fmt::format("-{}", parts.size());
    return {{name, std::move(text)}, {"x-amz-checksum-type", type}};
}

/// Verifies the client's checksum and size for the whole object. Errors: BadDigest, InvalidRequest.
Result<void> check_whole(const S3_Call& call, const std::map<std::string, std::string>& checksum,
                         const std::vector<const engine::S3_Uploaded_Part*>& parts) {
    for (const auto& [name, value] : checksum) {
        const auto declared = call.header(name);
        if (declared.empty() || declared == value) continue;
        if (name == "x-amz-checksum-type") {
            return Error{"InvalidRequest",
                         fmt::format("The upload was created using the {} checksum mode. The complete request must use "
                                     "the same checksum mode.",
                                     value),
                         400};
        }
        return Error{"BadDigest",
                     fmt::format("The {} you specified did not match the calculated checksum.",
                                 name.substr(checksum_prefix.size())),
                     400};
    }
    std::uint64_t size = 0;
    for (const auto* part : parts) size += part->blob->size();
    const auto declared = call.header("x-amz-mp-object-size");
    if (declared.empty() || base::parse_number<std::uint64_t>(declared) == size) return {};
    return Error{"InvalidRequest",
                 fmt::format("The provided 'x-amz-mp-object-size' header value {} does not match what was computed: {}",
                             declared, size),
                 400};
}

/// Returns EntityTooSmall with the details of the part.
Error entity_too_small(S3_Call& call, const S3_Multipart_Upload& upload, const std::vector<S3_Listed_Part>& named,
                       Error error) {
    for (const auto& named_part : named) {
        const auto part = upload.parts.find(named_part.number);
        if (part == upload.parts.end() || part->second.blob->size() >= engine::s3_part_bytes_min) continue;
        return call.refuse(std::move(error), {{"ProposedSize", std::to_string(part->second.blob->size())},
                                              {"MinSizeAllowed", std::to_string(engine::s3_part_bytes_min)},
                                              {"PartNumber", std::to_string(named_part.number)},
                                              {"ETag", part->second.etag}});
    }
    return error;
}

wire::Response completed(const S3_Call& call, const engine::S3_Object& object) {
    pugi::xml_document document;
    auto root = wire::add_root(document, "CompleteMultipartUploadResult", s3_xmlns);
    const auto host = call.header("Host");
    add_element(
        root, "Location",
        fmt::format("http://{}/{}/{}", host.empty() ? "localhost" : host, call.bucket, wire::percent_encode(call.key)));
    add_element(root, "Bucket", call.bucket);
    add_element(root, "Key", call.key);
    add_element(root, "ETag", quoted_etag(object.etag));
    add_checksums(root, object);
    auto response = xml_response(document);
    response.headers.set("x-amz-server-side-encryption", "AES256");
    return response;
}

std::size_t uploads_limit(const S3_Call& call) {
    constexpr std::size_t uploads_max = 1000;
    return std::min(base::parse_number<std::size_t>(call.text("max-uploads")).value_or(uploads_max), uploads_max);
}

/// Returns true if an upload is after the markers of the page.
bool is_past(const S3_Call& call, const S3_Multipart_Upload& upload, bool marker_seen) {
    const auto key = call.text("key-marker");
    if (upload.object.key != key) return upload.object.key > key;
    return !call.text("upload-id-marker").empty() && marker_seen;
}

void add_upload(pugi::xml_node root, const S3_Call& call, const S3_Multipart_Upload& upload, const std::string& key) {
    auto element = root.append_child("Upload");
    add_element(element, "Key", key);
    add_element(element, "UploadId", upload.id);
    for (const auto* role : {"Initiator", "Owner"})
        add_element(element.append_child(role), "ID", canonical_user_id(call.account));
    add_element(element, "StorageClass", storage_class(upload.object));
    add_element(element, "Initiated", base::iso8601_ms_z(base::from_unix_ms(upload.initiated_ms)));
    if (upload.checksum_algorithm.empty()) return;
    add_element(element, "ChecksumAlgorithm", upload.checksum_algorithm);
    add_element(element, "ChecksumType", upload.checksum_type);
}

}  // namespace

Result<wire::Response> create_multipart_upload(engine::S3& s3, S3_Call& call) {
    if (auto bucket = s3.bucket(call.account, call.bucket); !bucket) return bucket.error();
    auto object = described_object(call);
    if (!object) return object.error();
    S3_Multipart_Upload upload;
    upload.object = std::move(*object);
    upload.object.key = call.key;
    if (auto result = take_checksum_kind(call, upload); !result) return result.error();
    const auto algorithm = upload.checksum_algorithm, type = upload.checksum_type;
    const auto id = s3.uploads().create(call.account, call.bucket, std::move(upload));
    if (!id) return id.error();

    pugi::xml_document document;
    auto root = wire::add_root(document, "InitiateMultipartUploadResult", s3_xmlns);
    add_element(root, "Bucket", call.bucket);
    add_element(root, "Key", call.key);
    add_element(root, "UploadId", *id);
    auto response = xml_response(document);
    response.headers.set("x-amz-server-side-encryption", "AES256");
    if (!algorithm.empty()) {
        response.headers.set("x-amz-checksum-algorithm", algorithm);
        response.headers.set("x-amz-checksum-type", type);
    }
    return response;
}

Result<wire::Response> complete_multipart_upload(engine::S3& s3, S3_Call& call) {
    const auto id = call.text("uploadId");
    const auto upload = s3.uploads().find(call.account, call.bucket, call.key, id);
    if (!upload) return call.refuse(upload.error(), {{"UploadId", id}});
    const auto document = document_of(call);
    if (!document) return document.error();
    const auto named = listed_parts(document->document_element());
    if (!named) return named.error();
    const auto parts = find_listed_parts(**upload, *named);
    if (!parts && parts.error().code == "EntityTooSmall")
        return entity_too_small(call, **upload, *named, parts.error());
    if (!parts) return parts.error();
    const auto existing = s3.object(call.account, call.bucket, call.key);
    if (auto checked = check_write_conditions(call, existing ? existing->get() : nullptr); !checked)
        return checked.error();
    const auto checksum = whole_checksum(**upload, *parts);
    if (auto checked = check_whole(call, checksum, *parts); !checked) return checked.error();
    if (auto done = s3.uploads().complete(call.account, call.bucket, call.key, id, *named, checksum); !done)
        return done.error();
    return completed(call, **s3.object(call.account, call.bucket, call.key));
}

Result<wire::Response> abort_multipart_upload(engine::S3& s3, S3_Call& call) {
    const auto id = call.text("uploadId");
    auto done = s3.uploads().abort(call.account, call.bucket, call.key, id);
    if (!done) return call.refuse(done.error(), {{"UploadId", id}});
    return empty_response(204);
}

Result<wire::Response> list_multipart_uploads(const engine::S3& s3, S3_Call& call) {
    const auto uploads = s3.uploads().list(call.account, call.bucket);
    if (!uploads) return uploads.error();
    const auto prefix = call.text("prefix"), delimiter = call.text("delimiter"), marker = call.text("upload-id-marker");
    const bool encoded = call.text("encoding-type") == "url";
    const auto encode = [&](const std::string& name) { return encoded ? wire::percent_encode(name, true) : name; };
    const auto uploads_max = uploads_limit(call);

    pugi::xml_document document;
    auto root = wire::add_root(document, "ListMultipartUploadsResult", s3_xmlns);
    add_element(root, "Bucket", call.bucket);
    for (const auto& [element, parameter] : {std::pair{"KeyMarker", "key-marker"},
                                             {"UploadIdMarker", "upload-id-marker"},
                                             {"Prefix", "prefix"},
                                             {"Delimiter", "delimiter"}})
        add_element(
            root, element,
            element == std::string_view("UploadIdMarker") ? call.text(parameter) : encode(call.text(parameter)));
    if (encoded) add_element(root, "EncodingType", "url");
    add_element(root, "MaxUploads", std::to_string(uploads_max));

    std::set<std::string> groups;
    const S3_Multipart_Upload* last = nullptr;
    bool marker_seen = false, truncated = false;
    std::size_t count = 0;
    for (const auto* upload : *uploads) {
        const auto& key = upload->object.key;
        const bool past = is_past(call, *upload, marker_seen);
        marker_seen = marker_seen || upload->id == marker;
        if (!past || !key.starts_with(prefix)) continue;
        const auto end = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
        const auto group = end == std::string::npos ? "" : key.substr(0, end + delimiter.size());
        if (!group.empty() && groups.contains(group)) {
            last = upload;
            continue;
        }
        if (count++ == uploads_max) {
            truncated = true;
            break;
        }
        last = upload;
        if (group.empty())
            add_upload(root, call, *upload, encode(key));
        else
            groups.insert(group);
    }
    for (const auto& group : groups) add_element(root.append_child("CommonPrefixes"), "Prefix", encode(group));
    add_element(root, "IsTruncated", truncated);
    if (truncated && last != nullptr) {
        add_element(root, "NextKeyMarker", encode(last->object.key));
        add_element(root, "NextUploadIdMarker", last->id);
    }
    return xml_response(document);
}

}  // namespace osbot_aws::server

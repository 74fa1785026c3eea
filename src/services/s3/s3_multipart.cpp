// S3's operations on multipart uploads.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/routes.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "services/s3/encryption/customer_key.hpp"
#include "services/s3/multipart.hpp"
#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_checksum.hpp"
#include "services/s3/s3_conditions.hpp"
#include "services/s3/s3_integrity.hpp"
#include "services/s3/s3_new_object.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_versions.hpp"

namespace osbot_aws::services {
namespace {

/// The checksum algorithm and type of an upload. CRCs may cover the whole object, SHA hashes only the parts' hashes,
/// and CRC64NVME only the whole object. Source:
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
Result<void> take_checksum_kind(const Call& call, S3_Multipart_Upload& upload) {
    const auto algorithm = call.fields().text_or("ChecksumAlgorithm"), type = call.fields().text_or("ChecksumType");
    if (algorithm.empty() && !type.empty())
        return Error{"InvalidRequest",
                     "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.", 400};
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
    upload.checksum_type = !type.empty() ? type : only_full ? "FULL_OBJECT" : "COMPOSITE";
    return {};
}

/// Returns the checksums in an input by their headers: x-amz-checksum-crc32, x-amz-checksum-type.
std::map<std::string, std::string> checksums_of(const Json& input) {
    constexpr std::string_view prefix = "Checksum";
    std::map<std::string, std::string> checksums;
    for (const auto& [member, value] : input.items())
        if (member.starts_with(prefix))
            checksums[fmt::format("{}{}", checksum_prefix, base::lower_case(member.substr(prefix.size())))] = value;
    return checksums;
}

/// Returns the list of parts in the request. Errors: MalformedXML, InvalidRequest (a request without a body).
Result<std::vector<S3_Listed_Part>> listed_parts(const Call& call) {
    if (!call.fields().has("MultipartUpload"))
        return Error{"InvalidRequest", "You must specify at least one part", 400};
    std::vector<S3_Listed_Part> parts;
    for (const Json& item : aws::Fields(call.fields().object("MultipartUpload")).list("Parts")) {
        const aws::Fields part(item);
        if (!part.has("PartNumber") || !part.has("ETag")) return wire::malformed_xml();
        parts.push_back({.number = part.integer("PartNumber").value_or(0),
                         .etag = std::string(unquoted_etag(part.text_or("ETag"))),
                         .checksums = checksums_of(item)});
    }
    if (parts.empty() || parts.size() > s3_part_number_max) return wire::malformed_xml();
    return parts;
}

std::string checksum_of(const S3_Uploaded_Part& part, const std::string& name) {
    for (const auto* checksums : {&part.checksums, &part.unrequested_checksums}) {
        if (const auto found = checksums->find(name); found != checksums->end()) return found->second;
    }
    return "";
}

/// Returns the headers with the object's checksum.
std::map<std::string, std::string> whole_checksum(const S3_Multipart_Upload& upload,
                                                  const std::vector<const S3_Uploaded_Part*>& parts) {
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

/// Verifies a checksum that the client declares for the whole object. Errors: BadDigest, InvalidRequest.
Result<void> check_declared(const std::string& name, const std::string& declared,
                            const std::map<std::string, std::string>& checksum) {
    const auto found = checksum.find(name);
    if (found != checksum.end() && found->second == declared) return {};
    const auto algorithm = [](std::string_view header) { return header.substr(checksum_prefix.size()); };
    if (found == checksum.end())
        return Error{
            "InvalidRequest",
            fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                        checksum.empty() ? "null" : algorithm(checksum.begin()->first), algorithm(name)),
            400};
    if (name == "x-amz-checksum-type") {
        return Error{"InvalidRequest",
                     fmt::format("The upload was created using the {} checksum mode. The complete request must use "
                                 "the same checksum mode.",
                                 found->second),
                     400};
    }
    return Error{
        "BadDigest",
        fmt::format("The {} you specified did not match the calculated checksum.", name.substr(checksum_prefix.size())),
        400};
}

/// Verifies the client's checksum and size for the whole object. Errors: BadDigest, InvalidRequest.
Result<void> check_whole(const Call& call, const std::map<std::string, std::string>& checksum,
                         const std::vector<const S3_Uploaded_Part*>& parts) {
    for (const auto& [name, declared] : checksums_of(call.input)) OSBOT_TRY(check_declared(name, declared, checksum));
    std::uint64_t size = 0;
    for (const auto* part : parts) size += part->blob->size();
    const auto declared = call.fields().number("MpuObjectSize");
    if (!declared || *declared == static_cast<std::int64_t>(size)) return {};
    return Error{"InvalidRequest",
                 fmt::format("The provided 'x-amz-mp-object-size' header value {} does not match what was computed: {}",
                             *declared, size),
                 400};
}

/// Returns EntityTooSmall with the details of the part.
Error entity_too_small(const Call& call, const S3_Multipart_Upload& upload, const std::vector<S3_Listed_Part>& named,
                       Error error) {
    for (const auto& named_part : named) {
        const auto part = upload.parts.find(named_part.number);
        if (part == upload.parts.end() || part->second.blob->size() >= s3_part_bytes_min) continue;
        return refuse(call, std::move(error),
                      {{"ProposedSize", std::to_string(part->second.blob->size())},
                       {"MinSizeAllowed", std::to_string(s3_part_bytes_min)},
                       {"PartNumber", std::to_string(named_part.number)},
                       {"ETag", part->second.etag}});
    }
    return error;
}

Json completed(const Call& call, const S3_Object& object) {
    const auto host = call.request.headers["Host"];
    const std::string bucket = bucket_of(call), key = key_of(call);
    const std::string folder = aws::s3_bucket_of_host(host).empty() ? bucket + "/" : "";
    Json output{{"Location",
                 fmt::format("http://{}/{}{}", host.empty() ? "localhost" : host, folder, wire::percent_encode(key))},
                {"Bucket", bucket},
                {"Key", key},
                {"ETag", quoted_etag(object.etag)}};
    add_encryption(output, call, object);
    add_checksums(output, object.headers);
    return output;
}

Result<Json> create_upload(S3& s3, const Call& call) {
    OSBOT_TRY(s3.bucket(call.account, bucket_of(call)));
    OSBOT_TRY(auto object, described_object(call));
    OSBOT_TRY(apply_settings(s3, call, object));
    S3_Multipart_Upload upload;
    upload.object = std::move(object);
    upload.replaces = s3.object(call.account, bucket_of(call), key_of(call)).has_value();
    OSBOT_TRY(take_checksum_kind(call, upload));
    Json output{{"Bucket", bucket_of(call)}, {"Key", key_of(call)}};
    add_encryption(output, call, upload.object);
    if (!upload.checksum_algorithm.empty()) {
        output["ChecksumAlgorithm"] = upload.checksum_algorithm;
        output["ChecksumType"] = upload.checksum_type;
    }
    OSBOT_TRY(const auto id, s3.uploads().create(call.account, bucket_of(call), std::move(upload)));
    output["UploadId"] = id;
    return output;
}

/// Returns the error of a list of parts with its details.
Error refuse_parts(const Call& call, const S3_Multipart_Upload& upload, const std::vector<S3_Listed_Part>& named,
                   Error error) {
    if (error.code == "EntityTooSmall") return entity_too_small(call, upload, named, std::move(error));
    const auto* invalid = first_invalid_part(upload, named);
    if (error.code != "InvalidPart" || invalid == nullptr) return error;
    return refuse(call, std::move(error),
                  {{"UploadId", upload.id}, {"PartNumber", std::to_string(invalid->number)}, {"ETag", invalid->etag}});
}

/// Checks the conditions of a CompleteMultipartUpload request: also that the object, if any, did not change after the
/// upload was created. Recorded: LocalStack, tests/aws/services/s3/test_s3_api.snapshot.json
Result<void> check_conditions(const S3& s3, const Call& call, const S3_Multipart_Upload& upload) {
    const auto existing = s3.object(call.account, bucket_of(call), key_of(call));
    OSBOT_TRY(check_write_conditions(call, existing ? existing->get() : nullptr));
    const bool is_changed = call.fields().has("IfMatch") && (*existing)->modified_ms > upload.initiated_ms;
    const bool is_deleted = call.fields().has("IfNoneMatch") && upload.replaces;
    if (!is_changed && !is_deleted) return {};
    return refuse(call,
                  {"ConditionalRequestConflict",
                   "The conditional request cannot succeed due to a conflicting operation against this resource.", 409},
                  {{"Condition", is_changed ? "If-Match" : "If-None-Match"}, {"Key", key_of(call)}});
}

/// Checks a CompleteMultipartUpload request. Returns the checksum of the object.
Result<std::map<std::string, std::string>> check_complete(const S3& s3, const Call& call,
                                                          const S3_Multipart_Upload& upload,
                                                          const std::vector<S3_Listed_Part>& named) {
    OSBOT_TRY(check_optional_customer_key(call, upload.object));
    const auto parts = find_listed_parts(upload, named);
    if (!parts) return refuse_parts(call, upload, named, parts.error());
    OSBOT_TRY(check_conditions(s3, call, upload));
    auto checksum = whole_checksum(upload, *parts);
    OSBOT_TRY(check_whole(call, checksum, *parts));
    return checksum;
}

Json complete_output(const S3& s3, const Call& call, const S3_Object& object) {
    Json output = completed(call, object);
    add_expiration(output, s3, call, object);
    add_version(output, s3, call, object);
    return output;
}

/// Returns the object that this request completed before, or nullptr. A client sends it again if it did not receive the
/// first response. Recorded: moto, tests/test_s3/test_s3_multipart.py, test_duplicate_multipart_upload (ran on S3)
S3_Object_Ptr completed_before(const S3& s3, const Call& call, const std::vector<S3_Listed_Part>& named) {
    const auto object = s3.object(call.account, bucket_of(call), key_of(call));
    const bool is_same =
        object && (*object)->upload_id == call.fields().text_or("UploadId") && (*object)->etag == multipart_etag(named);
    return is_same ? *object : nullptr;
}

Result<Json> complete_upload(S3& s3, const Call& call) {
    const std::string bucket = bucket_of(call), key = key_of(call), id = call.fields().text_or("UploadId");
    const auto named = listed_parts(call);
    const auto upload = s3.uploads().find(call.account, bucket, key, id);
    if (!upload && named && !id.empty())
        if (const auto object = completed_before(s3, call, *named)) return complete_output(s3, call, *object);
    if (!upload) return refuse(call, upload.error(), {{"UploadId", id}});
    if (!named) return named.error();
    OSBOT_TRY(const auto checksum, check_complete(s3, call, **upload, *named));
    OSBOT_TRY(const auto object, s3.uploads().complete(call.account, bucket, key, id, *named, checksum));
    notify(s3, call, "ObjectCreated:CompleteMultipartUpload", *object);
    return complete_output(s3, call, *object);
}

Result<Json> abort_upload(S3& s3, const Call& call) {
    const auto id = call.fields().text_or("UploadId");
    auto done = s3.uploads().abort(call.account, bucket_of(call), key_of(call), id);
    if (!done) return refuse(call, done.error(), {{"UploadId", id}});
    return Json::object();
}

// ---- ListMultipartUploads ----

using Uploads = std::vector<const S3_Multipart_Upload*>;

/// A page of uploads. If the upload in the marker was aborted meanwhile, all those of its key are listed.
class Uploads_Page {
public:
    Uploads_Page(const Call& call, int count_max, const Uploads& uploads)
        : call_(call),
          fields_(call.fields()),
          prefix_(fields_.text_or("Prefix")),
          delimiter_(fields_.text_or("Delimiter")),
          key_marker_(fields_.text_or("KeyMarker")),
          id_marker_(key_marker_.empty() ? "" : fields_.text_or("UploadIdMarker")),
          skipped_group_(group_of(key_marker_)),
          is_encoded_(fields_.text_or("EncodingType") == "url"),
          count_max_(count_max),
          marker_seen_(std::ranges::find(uploads, id_marker_, &S3_Multipart_Upload::id) == uploads.end()) {}

    /// Adds an upload. Returns false if the page is full.
    bool add(const S3_Multipart_Upload& upload) {
        const std::string& key = upload.object.key;
        const bool is_past = is_after_markers(upload);
        marker_seen_ = marker_seen_ || upload.id == id_marker_;
        if (!is_past || !key.starts_with(prefix_)) return true;
        const std::string group = group_of(key);
        if (!group.empty() && group == skipped_group_) return true;
        if (!groups_.contains(group) && static_cast<int>(uploads_.size() + groups_.size()) == count_max_) {
            is_truncated_ = true;
            return false;
        }
        if (group.empty()) {
            last_ = &upload;
            uploads_.push_back(upload_json(upload));
        } else {
            groups_.insert(group);
        }
        return true;
    }

    /// As on S3, the next markers are those of the last upload, and empty if the page has only groups.
    /// Recorded: LocalStack, tests/aws/services/s3/test_s3_list_operations.snapshot.json
    Json output() const {
        Json output{{"Bucket", bucket_of(call_)},
                    {"KeyMarker", encoded(key_marker_)},
                    {"UploadIdMarker", id_marker_},
                    {"NextKeyMarker", last_ == nullptr ? "" : encoded(last_->object.key)},
                    {"NextUploadIdMarker", last_ == nullptr ? "" : last_->id},
                    {"MaxUploads", count_max_},
                    {"IsTruncated", is_truncated_},
                    {"Uploads", uploads_}};
        if (!prefix_.empty()) output["Prefix"] = encoded(prefix_);
        if (!delimiter_.empty()) output["Delimiter"] = encoded(delimiter_);
        if (is_encoded_) output["EncodingType"] = "url";
        for (const auto& group : groups_) output["CommonPrefixes"].push_back({{"Prefix", encoded(group)}});
        return output;
    }

private:
    /// Returns the group of a key, with its delimiter; "" for a key without one.
    std::string group_of(const std::string& key) const {
        const auto end = key.starts_with(prefix_) ? end_of_group(key, prefix_, delimiter_) : std::string::npos;
        return end == std::string::npos ? "" : key.substr(0, end);
    }

    bool is_after_markers(const S3_Multipart_Upload& upload) const {
        if (upload.object.key != key_marker_) return upload.object.key > key_marker_;
        return !id_marker_.empty() && marker_seen_;
    }

    Json upload_json(const S3_Multipart_Upload& upload) const {
        Json json{{"Key", encoded(upload.object.key)},
                  {"UploadId", upload.id},
                  {"Initiator", owner_json(call_.account)},
                  {"Owner", owner_json(call_.account)},
                  {"StorageClass", storage_class(upload.object)},
                  {"Initiated", document_time(upload.initiated_ms)}};
        if (upload.checksum_algorithm.empty()) return json;
        json["ChecksumAlgorithm"] = upload.checksum_algorithm;
        json["ChecksumType"] = upload.checksum_type;
        return json;
    }

    std::string encoded(const std::string& name) const { return is_encoded_ ? wire::percent_encode(name, true) : name; }

    const Call& call_;
    const aws::Fields fields_;
    const std::string prefix_, delimiter_, key_marker_, id_marker_, skipped_group_;
    const bool is_encoded_;
    const int count_max_;
    Json uploads_ = Json::array();
    std::set<std::string> groups_;
    const S3_Multipart_Upload* last_ = nullptr;
    bool marker_seen_, is_truncated_ = false;
};

/// Checks that the marker of an upload, if it exists, is one of the key in the marker of the key.
Result<void> check_upload_marker(const Call& call, const Uploads& uploads) {
    const std::string key = call.fields().text_or("KeyMarker"), id = call.fields().text_or("UploadIdMarker");
    const auto marker = std::ranges::find(uploads, id, &S3_Multipart_Upload::id);
    if (key.empty() || marker == uploads.end() || (*marker)->object.key == key) return {};
    return refuse_argument(call, "Invalid uploadId marker", "upload-id-marker", id);
}

Result<Json> list_uploads(S3& s3, const Call& call) {
    constexpr int uploads_max = 1000;
    const int count_max = page_limit(call, "MaxUploads", uploads_max);
    OSBOT_TRY(const Uploads uploads, s3.uploads().list(call.account, bucket_of(call)));
    OSBOT_TRY(check_upload_marker(call, uploads));
    Uploads_Page page(call, count_max, uploads);
    for (const auto* upload : uploads)
        if (!page.add(*upload)) break;
    return page.output();
}

}  // namespace

Operations s3_multipart_operations(S3& s3) {
    return {s3,
            {{"AbortMultipartUpload", &abort_upload},
             {"CompleteMultipartUpload", &complete_upload},
             {"CreateMultipartUpload", &create_upload},
             {"ListMultipartUploads", &list_uploads}}};
}

}  // namespace osbot_aws::services

#include "server/s3_object_headers.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "server/s3_tags.hpp"

namespace osbot_aws::server {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: the bytes of names and values together
constexpr std::size_t metadata_bytes_max = 2048;
constexpr std::string_view metadata_prefix = "x-amz-meta-";

constexpr std::array<std::string_view, 8> storage_classes{"STANDARD",   "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                                          "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR",
                                                          "GLACIER",    "DEEP_ARCHIVE"};

constexpr std::array<std::string_view, 6> stored_names{
    "content-type",     "cache-control", "content-disposition",
    "content-language", "expires",       "x-amz-website-redirect-location"};

// Headers of unsupported features, which are rejected.
constexpr std::array<std::string_view, 7> not_ours{"x-amz-server-side-encryption-customer-algorithm",
                                                   "x-amz-copy-source-server-side-encryption-customer-algorithm",
                                                   "x-amz-server-side-encryption-aws-kms-key-id",
                                                   "x-amz-object-lock-mode",
                                                   "x-amz-object-lock-retain-until-date",
                                                   "x-amz-object-lock-legal-hold",
                                                   "x-amz-write-offset-bytes"};

/// Removes aws-chunked from a content encoding: it describes the transfer, not the object.
std::string content_encoding(std::string encoding) {
    if (const auto at = encoding.find("aws-chunked"); at != std::string::npos) encoding.erase(at, 11);
    const auto is_between = [](char c) { return c == ',' || c == ' '; };
    while (!encoding.empty() && is_between(encoding.front())) encoding.erase(0, 1);
    while (!encoding.empty() && is_between(encoding.back())) encoding.pop_back();
    return encoding;
}

std::map<std::string, std::string> stored_headers(const wire::Headers& headers) {
    std::map<std::string, std::string> stored{{"content-type", "binary/octet-stream"}};
    for (const auto& [field, value] : headers) {
        const auto name = base::lower_case(field);
        if (name == "content-encoding") {
            if (auto encoding = content_encoding(value); !encoding.empty()) stored[name] = std::move(encoding);
        } else if (name.starts_with(metadata_prefix) || std::ranges::find(stored_names, name) != stored_names.end()) {
            stored[name] = value;
        }
    }
    return stored;
}

Result<void> check_metadata(S3_Call& call, const std::map<std::string, std::string>& headers) {
    std::size_t size = 0;
    for (const auto& [name, value] : headers) {
        if (name.starts_with(metadata_prefix)) size += name.size() - metadata_prefix.size() + value.size();
    }
    if (size <= metadata_bytes_max) return {};
    return call.refuse({"MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400},
                       {{"Size", std::to_string(size)}, {"MaxSizeAllowed", std::to_string(metadata_bytes_max)}});
}

/// Checks the ACL headers. Buckets have AWS's default BucketOwnerEnforced, which allows only the ACL of the owner.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
Result<void> check_acl(const wire::Headers& headers) {
    const auto acl = headers["x-amz-acl"];
    const bool grants = std::ranges::any_of(
        headers, [](const auto& field) { return base::lower_case(field.first).starts_with("x-amz-grant-"); });
    if (!grants && (acl.empty() || acl == "private" || acl == "bucket-owner-full-control")) return {};
    return Error{"AccessControlListNotSupported", "The bucket does not allow ACLs", 400};
}

Result<void> check_supported(S3_Call& call) {
    for (const auto name : not_ours) {
        if (call.request.headers.find(name) != nullptr) return call.refuse_header(name);
    }
    const auto encryption = call.header("x-amz-server-side-encryption");
    if (!encryption.empty() && encryption != "AES256") return call.refuse_header("x-amz-server-side-encryption");
    return check_acl(call.request.headers);
}

/// Converts x-amz-checksum-crc64nvme to ChecksumCRC64NVME.
std::string checksum_element(std::string_view header) {
    const auto name = header.substr(checksum_prefix.size());
    return name == "type" ? "ChecksumType" : "Checksum" + base::upper_case(name);
}

}  // namespace

Result<engine::S3_Object> described_object(S3_Call& call) {
    if (auto checked = check_supported(call); !checked) return checked.error();
    engine::S3_Object object;
    object.headers = stored_headers(call.request.headers);
    if (auto checked = check_metadata(call, object.headers); !checked) return checked.error();
    if (const auto requested = call.header("x-amz-storage-class"); !requested.empty()) {
        if (std::ranges::find(storage_classes, requested) == storage_classes.end()) {
            return call.refuse({"InvalidStorageClass", "The storage class you specified is not valid", 400},
                               {{"StorageClassRequested", std::string(requested)}});
        }
        if (requested != "STANDARD") object.headers["x-amz-storage-class"] = requested;
    }
    auto tags = tags_of_header(call);
    if (!tags) return tags.error();
    object.tags = std::move(*tags);
    return object;
}

std::string_view storage_class(const engine::S3_Object& object) {
    const auto found = object.headers.find("x-amz-storage-class");
    return found == object.headers.end() ? std::string_view("STANDARD") : std::string_view(found->second);
}

bool is_archived(const engine::S3_Object& object) {
    const auto name = storage_class(object);
    return name == "GLACIER" || name == "DEEP_ARCHIVE";
}

bool has_checksum(const engine::S3_Object& object) {
    return std::ranges::any_of(object.headers,
                               [](const auto& header) { return header.first.starts_with(checksum_prefix); });
}

std::string checksum_name(const engine::S3_Object& object) {
    for (const auto& [name, value] : object.headers) {
        if (name.starts_with(checksum_prefix) && name != "x-amz-checksum-type") return checksum_element(name);
    }
    return "";
}

void add_checksums(pugi::xml_node parent, const engine::S3_Object& object) { add_checksums(parent, object.headers); }

void add_checksums(pugi::xml_node parent, const std::map<std::string, std::string>& headers) {
    for (const auto& [name, value] : headers) {
        if (name.starts_with(checksum_prefix)) wire::add_element(parent, checksum_element(name).c_str(), value);
    }
}

}  // namespace osbot_aws::server

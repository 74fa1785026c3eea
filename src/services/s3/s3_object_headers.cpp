#include "services/s3/s3_object_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "services/s3/s3_tags.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: the bytes of names and values together
constexpr std::size_t metadata_bytes_max = 2048;
constexpr std::string_view metadata_prefix = "x-amz-meta-";

constexpr std::array<std::string_view, 8> storage_classes{"STANDARD",   "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                                          "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR",
                                                          "GLACIER",    "DEEP_ARCHIVE"};

/// Members that are stored with an object and returned with it, and their headers.
constexpr std::pair<const char*, const char*> stored_members[] = {
    {"CacheControl", "cache-control"},
    {"ContentDisposition", "content-disposition"},
    {"ContentEncoding", "content-encoding"},
    {"ContentLanguage", "content-language"},
    {"ContentType", "content-type"},
    {"Expires", "expires"},
    {"StorageClass", "x-amz-storage-class"},
    {"WebsiteRedirectLocation", "x-amz-website-redirect-location"},
    {"ObjectLockMode", "x-amz-object-lock-mode"},
    {"ObjectLockRetainUntilDate", "x-amz-object-lock-retain-until-date"},
    {"ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold"},
};

/// Removes aws-chunked from a content encoding: it describes the transfer, not the object.
std::string content_encoding(std::string encoding) {
    if (const auto at = encoding.find("aws-chunked"); at != std::string::npos) encoding.erase(at, 11);
    const auto is_between = [](char c) { return c == ',' || c == ' '; };
    while (!encoding.empty() && is_between(encoding.front())) encoding.erase(0, 1);
    while (!encoding.empty() && is_between(encoding.back())) encoding.pop_back();
    return encoding;
}

std::map<std::string, std::string> stored_headers(const aws::Fields& fields) {
    std::map<std::string, std::string> stored{{"content-type", "binary/octet-stream"}};
    for (const auto& [member, header] : stored_members)
        if (auto value = fields.text(member)) stored[header] = std::move(*value);
    if (const auto encoding = stored.find("content-encoding"); encoding != stored.end()) {
        encoding->second = content_encoding(std::move(encoding->second));
        if (encoding->second.empty()) stored.erase(encoding);
    }
    for (auto& [name, value] : fields.map("Metadata")) stored[fmt::format("{}{}", metadata_prefix, name)] = value;
    return stored;
}

Result<void> check_metadata(const Call& call, const std::map<std::string, std::string>& headers) {
    std::size_t size = 0;
    for (const auto& [name, value] : headers) {
        if (name.starts_with(metadata_prefix)) size += name.size() - metadata_prefix.size() + value.size();
    }
    if (size <= metadata_bytes_max) return {};
    return refuse(call, {"MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400},
                  {{"Size", std::to_string(size)}, {"MaxSizeAllowed", std::to_string(metadata_bytes_max)}});
}

/// Checks the storage class. The default is not stored.
Result<void> check_storage_class(const Call& call, std::map<std::string, std::string>& headers) {
    const auto found = headers.find("x-amz-storage-class");
    if (found == headers.end()) return {};
    if (!found->second.empty() && std::ranges::find(storage_classes, found->second) == storage_classes.end())
        return refuse(call, {"InvalidStorageClass", "The storage class you specified is not valid", 400},
                      {{"StorageClassRequested", found->second}});
    if (found->second.empty() || found->second == "STANDARD") headers.erase(found);
    return {};
}

/// Converts x-amz-checksum-crc64nvme to ChecksumCRC64NVME.
std::string checksum_element(std::string_view header) {
    const auto name = header.substr(checksum_prefix.size());
    return name == "type" ? "ChecksumType" : "Checksum" + base::upper_case(name);
}

}  // namespace

Result<S3_Object> described_object(const Call& call) {
    S3_Object object;
    object.key = key_of(call);
    object.headers = stored_headers(call.fields());
    OSBOT_TRY(check_metadata(call, object.headers));
    OSBOT_TRY(check_storage_class(call, object.headers));
    OSBOT_TRY(auto tags, tags_of_header(call));
    object.tags = std::move(tags);
    return object;
}

std::string_view storage_class(const S3_Object& object) {
    const auto found = object.headers.find("x-amz-storage-class");
    return found == object.headers.end() ? std::string_view("STANDARD") : std::string_view(found->second);
}

bool has_checksum(const S3_Object& object) {
    return std::ranges::any_of(object.headers,
                               [](const auto& header) { return header.first.starts_with(checksum_prefix); });
}

std::string checksum_algorithm(const S3_Object& object) {
    for (auto at = object.headers.lower_bound(std::string(checksum_prefix)); at != object.headers.end(); ++at) {
        const std::string_view name = at->first;
        if (!name.starts_with(checksum_prefix)) break;
        if (name != "x-amz-checksum-type") return base::upper_case(name.substr(checksum_prefix.size()));
    }
    return "";
}

std::string checksum_name(const S3_Object& object) {
    const std::string algorithm = checksum_algorithm(object);
    return algorithm.empty() ? algorithm : "Checksum" + algorithm;
}

void add_checksums(Json& output, const std::map<std::string, std::string>& headers) {
    for (const auto& [name, value] : headers) {
        if (name.starts_with(checksum_prefix)) output[checksum_element(name)] = value;
    }
}

void add_stored(Json& output, const S3_Object& object) {
    for (const auto& [member, header] : stored_members)
        if (const auto found = object.headers.find(header); found != object.headers.end())
            output[member] = found->second;
    for (const auto& [name, value] : object.headers)
        if (name.starts_with(metadata_prefix)) output["Metadata"][name.substr(metadata_prefix.size())] = value;
}

}  // namespace osbot_aws::services

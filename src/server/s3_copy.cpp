#include "server/s3_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "server/s3_conditions.hpp"
#include "server/s3_object_headers.hpp"

namespace osbot_aws::server {
namespace {

using engine::S3_Object;
using wire::add_element;

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html: larger objects must be copied in parts
constexpr std::uint64_t copy_bytes_max = 5ULL << 30;

// Each of these headers changes the object, so that a copy to itself is allowed.
constexpr std::array<std::string_view, 3> changes{"x-amz-storage-class", "x-amz-website-redirect-location",
                                                  "x-amz-server-side-encryption"};

/// Returns true if a directive is REPLACE, false if it is COPY or missing.
Result<bool> replaces(S3_Call& call, std::string_view directive, std::string_view subject) {
    const auto value = call.header(directive);
    if (value.empty() || value == "COPY") return false;
    if (value == "REPLACE") return true;
    return call.refuse_argument(fmt::format("Unknown {} directive.", subject), directive, value);
}

Result<void> check_source(S3_Call& call, const S3_Object& source) {
    if (const auto failed = failed_read_condition(call.request.headers, copy_source_prefix, source))
        return precondition_failed(call, fmt::format("{}{}", copy_source_prefix, failed->name));
    if (is_archived(source)) {
        return Error{"ObjectNotInActiveTierError", "The source object of the COPY action is not in the active tier",
                     403};
    }
    if (source.size <= copy_bytes_max) return {};
    return Error{
        "InvalidRequest",
        fmt::format("The specified copy source is larger than the maximum allowable size for a copy source: {}",
                    copy_bytes_max),
        400};
}

Result<void> check_onto_itself(const S3_Call& call, const S3_Source& source, bool replaces_metadata) {
    const bool itself = source.bucket == call.bucket && source.key == call.key;
    const bool changed = replaces_metadata || std::ranges::any_of(changes, [&](auto name) {
                             return call.request.headers.find(name) != nullptr;
                         });
    if (!itself || changed) return {};
    return Error{"InvalidRequest",
                 "This copy request is illegal because it is trying to copy an object to itself without changing the "
                 "object's metadata, storage class, website redirect location or encryption attributes.",
                 400};
}

/// Copies headers and tags of the source unless the request replaces them. The storage class is never copied.
void copy_headers(S3_Object& target, const S3_Object& source, bool replaces_metadata) {
    for (const auto& [name, value] : source.headers) {
        const bool of_bytes = name.starts_with(engine::checksum_prefix);
        if (of_bytes ||
            (!replaces_metadata && name != "x-amz-storage-class" && name != "x-amz-website-redirect-location"))
            target.headers[name] = value;
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
    std::erase_if(target.headers, [](const auto& header) { return header.first.starts_with(engine::checksum_prefix); });
    target.headers.insert(upload.sums.added.begin(), upload.sums.added.end());
    target.headers["x-amz-checksum-type"] = "FULL_OBJECT";
}

/// Returns the algorithm of a copy's checksum, in lower case: the requested one, else the source's, else S3's default.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
Result<std::string> algorithm_of(S3_Call& call, const S3_Object& source) {
    const auto requested = base::lower_case(call.header("x-amz-checksum-algorithm"));
    if (!requested.empty() && !S3_Checksum::of(requested)) return unsupported_checksum();
    if (!requested.empty()) return requested;
    for (const auto& [name, value] : source.headers) {
        if (name.starts_with(engine::checksum_prefix) && name != "x-amz-checksum-type")
            return name.substr(engine::checksum_prefix.size());
    }
    return std::string(s3_default_checksum);
}

wire::Response copy_response(const S3_Object& target) {
    pugi::xml_document document;
    auto root = wire::add_root(document, "CopyObjectResult", s3_xmlns);
    add_element(root, "LastModified", base::iso8601_ms_z(base::from_unix_ms(target.modified_ms)));
    add_element(root, "ETag", quoted_etag(target.etag));
    add_checksums(root, target);
    auto response = xml_response(document);
    response.headers.set("x-amz-server-side-encryption", "AES256");
    return response;
}

}  // namespace

bool is_copy(const wire::Headers& headers) { return headers.find("x-amz-copy-source") != nullptr; }

Result<S3_Source> copy_source(S3_Call& call) {
    const auto header = call.header("x-amz-copy-source");
    const auto question = std::min(header.find('?'), header.size());
    auto decoded = wire::percent_decode(header.substr(0, question));
    if (decoded.starts_with('/')) decoded.erase(0, 1);
    const auto slash = decoded.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == decoded.size()) {
        return call.refuse_argument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                                    "x-amz-copy-source", header);
    }
    const auto query = wire::parse_query(question == header.size() ? std::string_view{} : header.substr(question + 1));
    if (wire::query_value(query, "versionId").value_or("null") != "null")
        return call.refuse_argument("Invalid version id specified", "x-amz-copy-source", header);
    return S3_Source{decoded.substr(0, slash), decoded.substr(slash + 1)};
}

Result<S3_Copy> begin_copy(engine::S3& s3, S3_Call& call) {
    const auto source = copy_source(call);
    if (!source) return source.error();
    const auto replaces_metadata = replaces(call, "x-amz-metadata-directive", "metadata");
    if (!replaces_metadata) return replaces_metadata.error();
    if (auto checked = check_onto_itself(call, *source, *replaces_metadata); !checked) return checked.error();
    const auto existing = s3.object(call.account, call.bucket, call.key);
    if (!existing && existing.error().code != "NoSuchKey") return existing.error();
    if (auto checked = check_write_conditions(call, existing ? existing->get() : nullptr); !checked)
        return checked.error();
    const auto found = s3.object(call.account, source->bucket, source->key);
    if (!found) {
        call.details = {{"Key", source->key}};
        if (found.error().code == "NoSuchBucket") call.details = {{"BucketName", source->bucket}};
        return found.error();
    }
    if (auto checked = check_source(call, **found); !checked) return checked.error();
    auto algorithm = algorithm_of(call, **found);
    if (!algorithm) return algorithm.error();
    return S3_Copy{*found, std::move(*algorithm), *replaces_metadata};
}

bool needs_bytes(const S3_Copy& copy) {
    const bool has_checksum =
        copy.source->headers.contains(fmt::format("{}{}", engine::checksum_prefix, copy.algorithm));
    return !copy.source->parts.empty() || !has_checksum;
}

Result<wire::Response> finish_copy(engine::S3& s3, S3_Call& call, const S3_Copy& copy, const S3_Upload* upload) {
    const auto replaces_tags = replaces(call, "x-amz-tagging-directive", "tagging");
    if (!replaces_tags) return replaces_tags.error();
    auto target = described_object(call);
    if (!target) return target.error();
    target->key = call.key;
    if (!*replaces_tags) target->tags = copy.source->tags;
    copy_headers(*target, *copy.source, copy.replaces_metadata);
    if (upload != nullptr)
        take_bytes(*target, *upload);
    else
        share_bytes(*target, *copy.source);
    if (auto done = s3.put_object(call.account, call.bucket, std::move(*target)); !done) return done.error();
    return copy_response(**s3.object(call.account, call.bucket, call.key));
}

}  // namespace osbot_aws::server

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/blob.hpp"

namespace osbot_aws::services {

/// Keys and values in the order of the request.
using S3_Tags = std::vector<std::pair<std::string, std::string>>;

/// Prefix of checksum headers. The algorithm follows in lower case; x-amz-checksum-type also has this prefix.
constexpr std::string_view checksum_prefix = "x-amz-checksum-";

/// A part of an object that was created by a multipart upload.
struct S3_Part {
    store::Blob_Ptr blob;
    std::string checksum;  ///< base64, in the algorithm of the upload; "": the upload requested none
};

struct S3_Object {
    std::string key;
    store::Blob_Ptr blob;        ///< the bytes; nullptr if the object consists of parts
    std::vector<S3_Part> parts;  ///< parts of a multipart upload, whose concatenated bytes are the object
    std::uint64_t size = 0;
    std::string etag;  ///< without quotes: MD5 in hex, or `<MD5 of the parts' MD5s>-<number of parts>`
    std::int64_t modified_ms = 0;
    /// Headers to return with the object: Content-Type, Cache-Control, x-amz-meta-*, x-amz-checksum-*,
    /// x-amz-storage-class (unless it is STANDARD) ..., names in lower case.
    std::map<std::string, std::string> headers;
    S3_Tags tags;
    std::string acl = {};           ///< the grants as a JSON array; "": all rights to the owner of the bucket
    std::string version = {};       ///< the version ID; "" is the version `null`
    std::uint64_t sequence = 0;     ///< order of the versions of a key: that of the newest is the greatest
    std::string upload_id = {};     ///< of the multipart upload that created it; "" for other objects
    bool is_delete_marker = false;  ///< a version without data that hides the older ones

    /// Returns the version ID as requests and responses have it.
    std::string version_text() const { return version.empty() ? "null" : version; }
};
using S3_Object_Ptr = std::shared_ptr<const S3_Object>;

}  // namespace osbot_aws::services

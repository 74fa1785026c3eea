#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/blob.hpp"

namespace osbot_aws::engine {

/// Keys and values in the order they were given.
using S3_Tags = std::vector<std::pair<std::string, std::string>>;

/// Of headers that say a checksum, or about checksums; the rest is the algorithm, in lower case.
constexpr std::string_view checksum_prefix = "x-amz-checksum-";

/// One part of a multipart upload, in its object.
struct S3_Part {
    store::Blob_Ptr blob;
    std::string checksum;  ///< base64, of the algorithm that the upload asked for; "": it asked for none
};

struct S3_Object {
    std::string key;
    store::Blob_Ptr blob;        ///< the bytes; nullptr when they are in parts
    std::vector<S3_Part> parts;  ///< of a multipart upload: the object is their bytes, one after the other
    std::uint64_t size = 0;
    std::string etag;  ///< without quotes: MD5 in hex, or `<MD5 of the parts' MD5s>-<number of parts>`
    std::int64_t modified_ms = 0;
    /// What comes back with the object: Content-Type, Cache-Control, x-amz-meta-*, x-amz-checksum-*,
    /// x-amz-storage-class (unless it is STANDARD) ..., names in lower case.
    std::map<std::string, std::string> headers;
    S3_Tags tags;
};
using S3_Object_Ptr = std::shared_ptr<const S3_Object>;

}  // namespace osbot_aws::engine

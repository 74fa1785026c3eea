#pragma once

#include <map>
#include <string>

#include "base/result.hpp"
#include "store/store.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// The bytes of a PutObject, taken in and checked.
struct S3_Upload {
    store::Blob blob;
    std::string md5;                               ///< hex
    std::map<std::string, std::string> checksums;  ///< x-amz-checksum-<algorithm> to base64
};

/// Decodes aws-chunked bodies, checks Content-MD5 and checksums (headers or trailers), and makes a blob of the bytes.
/// Blocks on the disk: not for the loop. `folder` is for a decoded body on its way into the blobs.
/// Errors: BadDigest, InvalidDigest, IncompleteBody, NotImplemented (an algorithm that we don't have),
/// ServiceException. `algorithm` (crc32 ...): a checksum that is made even if the client sends none.
Result<S3_Upload> take_upload(store::Blobs& blobs, const std::filesystem::path& folder, const wire::Request& request,
                              std::string_view algorithm = {});

}  // namespace osbot_aws::server

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "store/blob.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// The bytes of a PutObject or an UploadPart, taken in and checked.
struct S3_Upload {
    store::Blob_Ptr blob;
    std::string md5;                               ///< hex
    std::map<std::string, std::string> checksums;  ///< x-amz-checksum-<algorithm> to its base64
};

/// 5 GiB. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
constexpr std::uint64_t upload_bytes_max = 5ull << 30;

/// Takes a body in, off the loop and, when it streams, while it comes, in flat memory: decodes aws-chunked, checks
/// Content-MD5 and checksums (headers or trailers), and makes a blob of the bytes. `headers` are those of its request.
/// `algorithm` (crc32 ...; empty: none) is that of a checksum which is made even if the client sends none.
/// `done` is called on the loop, once; what was taken in before an error is gone.
///
/// Errors: BadDigest, InvalidDigest, InvalidRequest (an algorithm that S3 has not), IncompleteBody, EntityTooLarge,
/// RequestTimeout (the client stopped), ServiceException (the disk).
void take_upload(engine::Context& context, const wire::Headers& headers, wire::Body body, std::string_view algorithm,
                 std::function<void(Result<S3_Upload>)> done);

}  // namespace osbot_aws::server

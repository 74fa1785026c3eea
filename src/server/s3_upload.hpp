#pragma once

#include <cstdint>
#include <functional>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "server/s3_integrity.hpp"
#include "store/blob.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// The bytes of a PutObject or an UploadPart, taken in and checked.
struct S3_Upload {
    store::Blob_Ptr blob;
    S3_Sums sums;
};

/// 5 GiB. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
constexpr std::uint64_t upload_bytes_max = 5ull << 30;

/// Takes a body in, off the loop and, when it streams, while it comes, in flat memory: decodes aws-chunked, checks
/// Content-MD5 and checksums (headers or trailers), and makes a blob of the bytes. `headers` are those of its request.
/// `done` is called on the loop, once; what was taken in before an error is gone.
///
/// Errors: BadDigest, InvalidDigest, InvalidRequest (an algorithm that S3 has not), IncompleteBody, EntityTooLarge,
/// RequestTimeout (the client stopped), ServiceException (the disk).
void take_upload(engine::Context& context, const wire::Headers& headers, wire::Body body, const S3_Own_Checksum& own,
                 std::function<void(Result<S3_Upload>)> done);

}  // namespace osbot_aws::server

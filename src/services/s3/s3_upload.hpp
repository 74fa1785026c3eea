#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "services/context.hpp"
#include "services/s3/s3_body.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_integrity.hpp"
#include "store/blob.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

/// The verified bytes of a PutObject or an UploadPart.
struct S3_Upload {
    store::Blob_Ptr blob;
    S3_Sums sums;
};

/// 5 GiB. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
constexpr std::uint64_t upload_bytes_max = 5ull << 30;

/// Converts the received bytes to the output of an operation.
using Receive_Finish = std::function<Result<Json>(services::S3&, const Call&, const S3_Upload&)>;

/// Receives the body of a call on workers, with constant memory for streams: decodes aws-chunked, verifies Content-MD5
/// and checksums (headers or trailers), and stores the bytes as a blob. Then finishes the call, on the loop. After an
/// error, received bytes are deleted.
///
/// Errors: BadDigest, InvalidDigest, InvalidRequest (unknown algorithm), IncompleteBody, EntityTooLarge,
/// RequestTimeout (the client stopped), ServiceException (the disk).
void receive(services::S3& s3, Call call, const S3_Added_Checksum& added_checksum, Receive_Finish finish,
             const Answer& answer);
/// Processes the slices as if a client had sent them, then finishes the call.
void receive_copy(services::S3& s3, Call call, const S3_Added_Checksum& added_checksum,
                  std::vector<store::Blob_Slice> source, Receive_Finish finish, const Answer& answer);

}  // namespace osbot_aws::services

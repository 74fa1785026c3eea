#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "server/s3_body.hpp"
#include "server/s3_call.hpp"
#include "server/s3_integrity.hpp"
#include "store/blob.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// The verified bytes of a PutObject or an UploadPart.
struct S3_Upload {
    store::Blob_Ptr blob;
    S3_Sums sums;
};

/// 5 GiB. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
constexpr std::uint64_t upload_bytes_max = 5ull << 30;

/// Receives a body on workers, with constant memory for streams: decodes aws-chunked, verifies Content-MD5 and
/// checksums (headers or trailers), and stores the bytes as a blob. `headers` are those of the request. `done` is
/// called once, on the loop. After an error, received bytes are deleted.
///
/// Errors: BadDigest, InvalidDigest, InvalidRequest (unknown algorithm), IncompleteBody, EntityTooLarge,
/// RequestTimeout (the client stopped), ServiceException (the disk).
void receive_upload(engine::Context& context, const wire::Headers& headers, wire::Body body,
                    const S3_Added_Checksum& added_checksum, std::function<void(Result<S3_Upload>)> done);

/// Converts the received bytes to the output of an operation.
using Receive_Finish = std::function<Result<Json>(engine::S3&, const Call&, const S3_Upload&)>;

/// Receives the body of a call, then finishes it.
void receive(engine::S3& s3, Call call, const S3_Added_Checksum& added_checksum, Receive_Finish finish,
             const Answer& answer);
/// Copies the slices to a file, then processes them as if a client had sent them.
void receive_copy(engine::S3& s3, Call call, const S3_Added_Checksum& added_checksum, std::vector<S3_Slice> source,
                  Receive_Finish finish, const Answer& answer);

}  // namespace osbot_aws::server

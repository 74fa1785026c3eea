#pragma once

#include "services/context.hpp"
#include "services/s3/s3.hpp"
#include "services/s3/s3_ranges.hpp"
#include "store/blob_reader.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

/// Returns the slices of the blobs that have the bytes of a range.
std::vector<store::Blob_Slice> slices_of(const services::S3_Object& object, Byte_Range range);

/// Returns the body of a response: a slice of the blob, or a stream for an object with parts. The stream reads the
/// parts in order, on a worker and only as fast as the client reads.
wire::Body object_body(services::Context& context, const services::S3_Object& object, Byte_Range range);

}  // namespace osbot_aws::services

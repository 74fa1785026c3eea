#pragma once

#include "engine/context.hpp"
#include "engine/s3/s3.hpp"
#include "server/s3_ranges.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// A slice of a blob, such as a part of an object.
struct S3_Slice {
    store::Blob_Ptr blob;
    std::uint64_t offset = 0, size = 0;
};
std::vector<S3_Slice> slices_of(const engine::S3_Object& object, Byte_Range range);

/// Returns the body of a response: a slice of the blob, or a stream for an object with parts. The stream reads the
/// parts in order, on a worker and only as fast as the client reads.
wire::Body object_body(engine::Context& context, const engine::S3_Object& object, Byte_Range range);

/// Copies the slices to a temporary file, the new `body`; without slices, `body` is not changed. Blocks on the disk.
/// Errors: ServiceException.
Result<void> copy_slices(store::Store& store, const std::vector<S3_Slice>& slices, wire::Body& body);

}  // namespace osbot_aws::server

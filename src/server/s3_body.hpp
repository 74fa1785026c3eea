#pragma once

#include "engine/context.hpp"
#include "engine/s3/s3.hpp"
#include "server/s3_ranges.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// The bytes of some parts, as slices of their blobs.
struct S3_Slice {
    store::Blob_Ptr blob;
    std::uint64_t offset = 0, size = 0;
};
std::vector<S3_Slice> slices_of(const engine::S3_Object& object, Byte_Range range);

/// Gives a response its body: a slice of the blob, or, of an object in parts, a stream that reads them one after the
/// other, off the loop and no faster than the client takes them.
void set_object_body(wire::Response& response, engine::Context& context, const engine::S3_Object& object,
                     Byte_Range range);

/// Makes `body` a temporary file with the bytes of the slices; no slices: leaves it as it is. Blocks on the disk.
/// Errors: ServiceException.
Result<void> copy_slices(store::Store& store, const std::vector<S3_Slice>& slices, wire::Body& body);

}  // namespace osbot_aws::server

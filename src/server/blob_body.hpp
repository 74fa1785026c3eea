#pragma once

#include <cstdint>

#include "store/blob.hpp"
#include "wire/http.hpp"

namespace osbot_aws::store {
class Blobs;
}

namespace osbot_aws::server {

/// A slice of a blob, which the body holds: a download goes on when its object or function is deleted meanwhile.
wire::Body blob_body(const store::Blobs& blobs, const store::Blob_Ptr& blob, std::uint64_t offset, std::uint64_t size);

}  // namespace osbot_aws::server

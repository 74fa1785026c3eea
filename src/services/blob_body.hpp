#pragma once

#include <cstdint>

#include "store/blob.hpp"
#include "wire/http.hpp"

namespace osbot_aws::store {
class Blobs;
}

namespace osbot_aws::services {

/// Returns a body that is a slice of a blob and has a reference to it: a download continues if its object or function
/// is deleted.
wire::Body blob_body(const store::Blobs& blobs, const store::Blob_Ptr& blob, std::uint64_t offset, std::uint64_t size);

}  // namespace osbot_aws::services

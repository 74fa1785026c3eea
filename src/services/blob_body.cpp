#include "services/blob_body.hpp"

#include "store/blobs.hpp"

namespace osbot_aws::services {

wire::Body blob_body(const store::Blobs& blobs, const store::Blob_Ptr& blob, std::uint64_t offset, std::uint64_t size) {
    auto file = std::make_unique<wire::Body_File>(blobs.path(*blob));
    return wire::File_Slice{{file.release(), [blob](const wire::Body_File* spent) { delete spent; }}, offset, size};
}

}  // namespace osbot_aws::services

#pragma once

#include <memory>

#include "engine/context.hpp"

namespace osbot_aws::engine {

/// Gives the room of bytes that nobody holds any more back to the disk: of objects that were deleted or overwritten, of
/// aborted uploads, of code that was replaced. A blob's file goes after the change that let go of it is durable, so
/// that a crash never leaves a record without its bytes; what a crash leaves behind goes at the next start.
///
/// Loop thread only; the removing is done by workers.
class Blob_Sweep {
public:
    explicit Blob_Sweep(Context& context);
    ~Blob_Sweep();
    Blob_Sweep(const Blob_Sweep&) = delete;
    Blob_Sweep& operator=(const Blob_Sweep&) = delete;

private:
    void sweep();

    Context& context_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::engine

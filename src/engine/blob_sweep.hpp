#pragma once

#include <memory>

#include "services/context.hpp"

namespace osbot_aws::engine {

/// Deletes the files of unreferenced blobs: those of deleted or overwritten objects, aborted uploads and replaced code.
/// A file is deleted only after the change that dropped its last reference is durable, so a crash never leaves a record
/// without its bytes. Files that a crash leaves behind are deleted at the next start.
///
/// Loop thread only; worker threads delete the files.
class Blob_Sweep {
public:
    explicit Blob_Sweep(services::Context& context);
    ~Blob_Sweep();
    Blob_Sweep(const Blob_Sweep&) = delete;
    Blob_Sweep& operator=(const Blob_Sweep&) = delete;

    /// Deletes no files until resume(), which deletes those that were released in the meantime.
    void pause() { paused_ = true; }
    void resume();

private:
    void sweep();

    services::Context& context_;
    bool paused_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::engine

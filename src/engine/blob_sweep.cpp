#include "engine/blob_sweep.hpp"

#include <utility>

#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {

// The code that drops a reference also updates the record, in the same turn of the loop but in either order. Posting
// the sweep to the next turn guarantees that both are done.
Blob_Sweep::Blob_Sweep(services::Context& context) : context_(context) {
    context_.store.blobs().when_released([this, &loop = context_.loop, alive = std::weak_ptr<int>(alive_)] {
        loop.post([this, alive] {
            if (!alive.expired()) sweep();
        });
    });
}

Blob_Sweep::~Blob_Sweep() { context_.store.blobs().when_released(nullptr); }

void Blob_Sweep::resume() {
    paused_ = false;
    sweep();
}

// If a write fails, the services reload the records from the disk and reference their blobs again. This happens before
// the worker checks the reference counts.
void Blob_Sweep::sweep() {
    if (paused_) return;
    auto& store = context_.store;
    store.when_durable(
        store.last_change(), [&loop = context_.loop, &blobs = store.blobs(),
                              names = store.blobs().take_released()](const Result<void>& written) mutable {
            if (!written) return;
            loop.post([&loop, &blobs, names = std::move(names)]() mutable {
                loop.run_blocking([&blobs, names = std::move(names)] { blobs.erase_unreferenced(names); }, [] {});
            });
        });
}

}  // namespace osbot_aws::engine

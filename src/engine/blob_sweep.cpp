#include "engine/blob_sweep.hpp"

#include <utility>

#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {

// Whoever lets go of a blob changes its record in the same turn of the loop, before or after: the next turn sees both.
Blob_Sweep::Blob_Sweep(Context& context) : context_(context) {
    context_.store.blobs().when_released([this, &loop = context_.loop, alive = std::weak_ptr<int>(alive_)] {
        loop.post([this, alive] {
            if (!alive.expired()) sweep();
        });
    });
}

Blob_Sweep::~Blob_Sweep() { context_.store.blobs().when_released(nullptr); }

// After a write that failed, the services have gone back to what is on the disk, and hold its blobs again, when the
// worker looks.
void Blob_Sweep::sweep() {
    auto& store = context_.store;
    store.when_durable(store.written(), [&loop = context_.loop, &blobs = store.blobs(),
                                         names = store.blobs().take_released()](const Result<void>& written) mutable {
        if (!written) return;
        loop.post([&loop, &blobs, names = std::move(names)]() mutable {
            loop.run_blocking([&blobs, names = std::move(names)] { blobs.erase_unreferenced(names); }, [] {});
        });
    });
}

}  // namespace osbot_aws::engine

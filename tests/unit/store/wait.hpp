#pragma once

#include <future>

#include "store/store.hpp"

namespace osbot_aws::store {

/// Waits until all queued changes are durable or have failed.
inline Result<void> durable(Store& store) {
    std::promise<Result<void>> done;
    store.when_durable(store.last_change(), [&](Result<void> outcome) { done.set_value(std::move(outcome)); });
    return done.get_future().get();
}

}  // namespace osbot_aws::store

#pragma once

#include "services/context.hpp"
#include "store/records.hpp"

namespace osbot_aws::services {

/// The state of a service: in memory, with a record in the store for each resource.
class State {
public:
    virtual ~State() = default;
    /// Replaces the state in memory by that of the store: at start, and after a failed write. Throws Aws_Exception if
    /// the store cannot be read, or has records of a newer engine.
    virtual void load() = 0;
    /// Empties the state in memory. The caller clears the store (reset).
    virtual void clear() = 0;
};

template <class Fields>
void describe(Fields& f, store::Of<Fields, Account>& account) {
    f("account", account.id)("region", account.region);
}

}  // namespace osbot_aws::services

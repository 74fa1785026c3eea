#include "services/lambda/running/concurrency.hpp"

#include <algorithm>

namespace osbot_aws::services {

std::optional<Concurrency::Lease> Concurrency::start(const Function& function, int provisioned) {
    if (!function.reserved_concurrency && provisioned > 0) {
        const auto own = counts_.try_emplace({function.account, function.name + ":" + function.version}, 0).first;
        if (own->second < provisioned) return Lease(counts_, own);
    }
    const auto count = counts_.try_emplace(pool_of(function), 0).first;
    if (!is_full(function, count->second)) return Lease(counts_, count);
    if (count->second == 0) counts_.erase(count);  // a reservation of 0
    return std::nullopt;
}

bool Concurrency::reservation_is_used(const Function& function) const {
    if (!function.reserved_concurrency) return false;
    const auto count = counts_.find(pool_of(function));
    return is_full(function, count == counts_.end() ? 0 : count->second);
}

Concurrency::Pool Concurrency::pool_of(const Function& function) {
    return {function.account, function.reserved_concurrency ? function.name : std::string()};
}

bool Concurrency::is_full(const Function& function, int running) const {
    if (function.reserved_concurrency) return running >= *function.reserved_concurrency;
    const int minimum = unreserved_concurrency_min(limit_);
    // The reservations can exceed the limit, if the host had more descriptors when they were made.
    return running >= minimum && running >= std::max(limit_ - reserved_(function.account), minimum);
}

}  // namespace osbot_aws::services

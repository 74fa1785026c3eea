#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "services/context.hpp"
#include "services/lambda/function.hpp"

namespace osbot_aws::services {

/// Lambda's quota for an account: events that run at the same time, in each region. A host with little memory or few
/// file descriptors has a lower limit.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr int account_concurrency_max = 1000;

/// Returns the part of the account's limit that cannot be reserved: 100 of 1000 as on AWS, of a lower limit a tenth.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
constexpr int unreserved_concurrency_min(int limit) { return limit / 10; }

/// Counts the events that run. A function with reserved concurrency has a limit of its own; all other functions of an
/// account and region share the rest of the account's limit. So does a version with provisioned concurrency, when more
/// events run than it has environments. Loop thread only.
class Concurrency {
    struct Pool {
        Account account;
        /// The name of a function with a reservation, or "name:version" of provisioned concurrency. Empty: the rest.
        std::string function;

        auto operator<=>(const Pool&) const = default;
    };
    using Counts = std::map<Pool, int>;

public:
    /// An event that runs. The destructor ends it.
    class Lease {
    public:
        Lease() = default;
        Lease(Lease&& other) noexcept : counts_(std::exchange(other.counts_, nullptr)), count_(other.count_) {}
        Lease& operator=(Lease&& other) noexcept {
            std::swap(counts_, other.counts_);
            std::swap(count_, other.count_);
            return *this;
        }
        ~Lease() {
            if (counts_ != nullptr && --count_->second == 0) counts_->erase(count_);
        }
        explicit operator bool() const { return counts_ != nullptr; }

    private:
        friend class Concurrency;
        Lease(Counts& counts, Counts::iterator count) : counts_(&counts), count_(count) { ++count_->second; }

        Counts* counts_ = nullptr;
        Counts::iterator count_;
    };

    /// `reserved` returns the sum of the reservations and the provisioned concurrency of an account. It is called only
    /// if many events run.
    Concurrency(int limit, std::function<int(const Account&)> reserved)
        : limit_(limit), reserved_(std::move(reserved)) {}

    /// Counts an event of the function. Returns nullopt if as many events run as may run. `provisioned`: the
    /// provisioned concurrency of this version, which serves its events before the concurrency that functions share.
    std::optional<Lease> start(const Function& function, int provisioned = 0);
    /// Returns true if the reservation of the function permits no further event.
    bool reservation_is_used(const Function& function) const;

private:
    static Pool pool_of(const Function& function);
    bool is_full(const Function& function, int running) const;

    int limit_;
    std::function<int(const Account&)> reserved_;
    Counts counts_;
};

}  // namespace osbot_aws::services

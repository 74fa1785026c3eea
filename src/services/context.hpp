#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/loop.hpp"
#include "services/keys.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::store {
class Store;
}

namespace osbot_aws::services {

/// The scope of a request: the account of its credentials and the region of its signature.
/// The server sets both. account_of_key() determines the account; a key without one means the default account.
struct Account {
    std::string id = "000000000000";
    std::string region = "us-east-1";
    auto operator<=>(const Account&) const = default;

    /// Returns the partition of the region. IAM and STS, too, are signed for a region of their partition.
    std::string_view partition() const { return wire::partition_of(region); }
    /// Returns the ARN of a resource of this account in this region.
    std::string arn(std::string_view service, std::string_view resource) const {
        return wire::Arn{partition(), service, region, id, resource}.text();
    }
    /// Returns the ARN of a resource of this account without a region, of IAM or STS.
    std::string global_arn(std::string_view service, std::string_view resource) const {
        return wire::Arn{partition(), service, "", id, resource}.text();
    }
    std::string root_arn() const { return global_arn("iam", "root"); }
};

/// Shared dependencies of all services of the engine. Outlives them.
struct Context {
    base::Loop& loop;
    store::Store& store;
    std::string endpoint_url = "http://127.0.0.1:4566";  ///< base URL for functions and links; without a trailing slash
    Keys keys = {};
    /// Returns true if the execution role of a function in an account may perform an action on a resource. Null:
    /// policies are not enforced.
    std::function<bool(const Account& account, const std::string& role_arn, const std::string& action,
                       const std::string& resource)>
        role_allows = nullptr;

    bool may(const Account& account, const std::string& role_arn, const std::string& action,
             const std::string& resource) const {
        return !role_allows || role_allows(account, role_arn, action, resource);
    }
    base::Time now() const { return loop.clock().now(); }
};

}  // namespace osbot_aws::services

#pragma once

#include <filesystem>
#include <string>

#include "base/loop.hpp"
#include "engine/keys.hpp"

namespace osbot_aws::store {
class Store;
}

namespace osbot_aws::engine {

/// Whose world a request is about: the account of its credentials and the region of its signature.
/// The server finds both: an access key of 12 digits is an account, any other is `default_account`.
struct Account {
    std::string id = "000000000000";
    std::string region = "us-east-1";
    auto operator<=>(const Account&) const = default;
};

/// What every service of the engine stands on. Outlives them.
struct Context {
    base::Loop& loop;
    store::Store& store;
    std::string endpoint_url =
        "http://127.0.0.1:4566";  ///< this engine, as functions and links reach it; no slash at the end
    Keys keys = {};

    base::Time now() const { return loop.clock().now(); }
};

}  // namespace osbot_aws::engine

#pragma once

#include <functional>
#include <memory>

#include "aws/routes.hpp"
#include "services/context.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

using Reply = std::function<void(wire::Response)>;

struct Caller;

/// A request of a service, with its operation.
struct Service_Request {
    Account account;
    aws::Route route;  ///< without an operation if the model of the service has none for the request
    wire::Request request;
    /// Returns true if the client has closed its connection or its sending half. Null: unknown.
    std::function<bool()> client_closed = {};
    std::shared_ptr<const Caller> caller = {};  ///< if the engine determines the callers of requests (access/)
};

}  // namespace osbot_aws::services

#pragma once

#include <functional>

#include "services/context.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

using Reply = std::function<void(wire::Response)>;

/// The HTTP API of a service: converts requests to operations of the engine, and results to responses. Loop thread
/// only.
class Service_Api {
public:
    virtual ~Service_Api() = default;
    /// Handles a request. `reply` is called once on the loop, immediately or later.
    virtual void handle(const services::Account& account, wire::Request request, Reply reply) = 0;
};

}  // namespace osbot_aws::services

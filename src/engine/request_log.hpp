#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "engine/request_route.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::engine {

struct Handled_Request {
    std::string method;     ///< GET, POST, ...
    std::string operation;  ///< operation_of() its route
    int status = 0;
    std::chrono::microseconds duration{0};  ///< until the response began
};
using Request_Observer = std::function<void(const Handled_Request&)>;

/// Returns a reply that also calls the observer.
services::Reply observed_reply(const Request_Route& route, const wire::Request& request, services::Reply reply,
                               const Request_Observer& observer);

}  // namespace osbot_aws::engine

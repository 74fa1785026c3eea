#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "services/service_api.hpp"

namespace osbot_aws::engine {

struct Handled_Request {
    std::string method;     ///< GET, POST, ...
    std::string operation;  ///< "lambda Invoke", "sqs SendMessage", "s3 /bucket/key"; printable ASCII
    int status = 0;
    std::chrono::microseconds duration{0};  ///< until the response began
};
using Request_Observer = std::function<void(const Handled_Request&)>;

/// Names the service and the operation of a request without its parameters, except the path for S3.
std::string operation_of(const wire::Request& request);

/// Returns a reply that also calls the observer.
services::Reply observed_reply(const wire::Request& request, services::Reply reply, const Request_Observer& observer);

}  // namespace osbot_aws::engine

#include "engine/request_log.hpp"

#include <utility>

namespace osbot_aws::engine {

services::Reply observed_reply(const Request_Route& route, const wire::Request& request, services::Reply reply,
                               const Request_Observer& observer) {
    const auto start = std::chrono::steady_clock::now();
    return [start, observer,
            handled = Handled_Request{.method = request.method, .operation = operation_of(route, request)},
            reply = std::move(reply)](wire::Response response) mutable {
        handled.status = response.status;
        handled.duration =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
        observer(handled);
        reply(std::move(response));
    };
}

}  // namespace osbot_aws::engine

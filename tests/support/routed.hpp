#pragma once

#include <utility>

#include "services/operations.hpp"

namespace osbot_aws::test_support {

/// Passes a request to an API with the route of its model, as the dispatcher does.
inline void send_to(services::Model_Api& api, const services::Account& account, wire::Request request,
                    services::Reply reply) {
    aws::Route route = aws::find_route(api.model(), request);
    api.handle({account, std::move(route), std::move(request)}, std::move(reply));
}

}  // namespace osbot_aws::test_support

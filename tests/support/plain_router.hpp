#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "http/routed_request.hpp"

namespace osbot_aws::test_support {

/// A request that a function handles, whatever its head contains.
class Plain_Request : public http::Routed_Request {
public:
    using Handler = std::function<void(wire::Request, services::Reply)>;
    explicit Plain_Request(Handler handler) : handler_(std::move(handler)) {}
    void handle(wire::Request request, services::Reply reply) override {
        handler_(std::move(request), std::move(reply));
    }

private:
    Handler handler_;
};

inline http::Router plain_router(Plain_Request::Handler handler) {
    return [handler = std::move(handler)](const wire::Request&) { return std::make_unique<Plain_Request>(handler); };
}

}  // namespace osbot_aws::test_support

#pragma once

#include <functional>

#include "engine/context.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

using Reply = std::function<void(wire::Response)>;

/// One service behind HTTP: its protocol to the engine's operations and back. Loop thread only.
class Service_Api {
public:
    virtual ~Service_Api() = default;
    /// `reply` is called once, now or later, on the loop.
    virtual void handle(const engine::Account& account, wire::Request request, Reply reply) = 0;
};

}  // namespace osbot_aws::server

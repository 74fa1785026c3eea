#pragma once

#include "engine/lambda/runtime_api.hpp"
#include "server/asio_loop.hpp"
#include "server/http_server.hpp"

namespace osbot_aws::server {

/// The Runtime API over HTTP, with a listener for each execution environment.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
class Http_Runtime_Endpoints final : public engine::Runtime_Endpoints {
public:
    explicit Http_Runtime_Endpoints(Asio_Loop& loop) : loop_(loop) {}
    Result<std::unique_ptr<engine::Runtime_Endpoint>> open(engine::Runtime_Api& api) override;
    Result<std::unique_ptr<engine::Runtime_Endpoint>> adopt(int listening_fd, engine::Runtime_Api& api) override;
    Result<std::unique_ptr<engine::Runtime_Endpoint>> adopt_engine(int listening_fd) override;

    /// Sets the handler and the limits for sockets of adopt_engine(). Called once, before the first of them.
    void serve_engine(Http_Server::Handler handler, Http_Limits limits) {
        engine_handler_ = std::move(handler);
        engine_limits_ = std::move(limits);
    }

private:
    Asio_Loop& loop_;
    Http_Server::Handler engine_handler_;
    Http_Limits engine_limits_;
};

}  // namespace osbot_aws::server

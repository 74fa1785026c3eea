#pragma once

#include "http/asio_loop.hpp"
#include "http/http_server.hpp"
#include "services/lambda/running/runtime_api.hpp"

namespace osbot_aws::http {

/// The Runtime API over HTTP, with a listener for each execution environment.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
class Http_Runtime_Endpoints final : public services::Runtime_Endpoints {
public:
    explicit Http_Runtime_Endpoints(Asio_Loop& loop) : loop_(loop) {}
    Result<std::unique_ptr<services::Runtime_Endpoint>> open(services::Runtime_Api& api) override;
    Result<std::unique_ptr<services::Runtime_Endpoint>> adopt(int listening_fd, services::Runtime_Api& api,
                                                              std::size_t extensions) override;
    Result<std::unique_ptr<services::Runtime_Endpoint>> adopt_engine(int listening_fd) override;
    void post(std::uint16_t port, const std::string& path, std::string body, std::function<void(bool)> done) override;

    /// Sets the router and the limits for sockets of adopt_engine(). Called once, before the first of them.
    void serve_engine(Router router, Http_Limits limits) {
        engine_router_ = std::move(router);
        engine_limits_ = std::move(limits);
    }

private:
    std::unique_ptr<services::Runtime_Endpoint> serve(int listening_fd, Router router, Http_Limits served);

    Asio_Loop& loop_;
    Router engine_router_;
    Http_Limits engine_limits_;
};

}  // namespace osbot_aws::http

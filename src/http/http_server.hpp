#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "http/asio_loop.hpp"
#include "http/http_limits.hpp"
#include "http/routed_request.hpp"

namespace osbot_aws::http {

/// Accepts HTTP/1.1 connections on a socket. Routes each request when its head was received and passes it to its
/// handler, one at a time per connection. Responses to pipelined requests are in order. Runs on the loop.
class Http_Server {
public:
    /// Listens on `port` of an IPv4 address of the host; 0.0.0.0 means all. Errors as listen_on_tcp().
    static Result<std::unique_ptr<Http_Server>> listen_tcp(Asio_Loop& loop, std::uint16_t port, Router router,
                                                           Http_Limits limits = {},
                                                           const std::string& host = "127.0.0.1");
    /// Listens on `port` of ::1. Errors as listen_on_ipv6_loopback().
    static Result<std::unique_ptr<Http_Server>> listen_ipv6_loopback(Asio_Loop& loop, std::uint16_t port, Router router,
                                                                     Http_Limits limits = {});
    /// Listens on a Unix socket; an existing socket file is replaced. Errors as listen_on_unix().
    static Result<std::unique_ptr<Http_Server>> listen_unix(Asio_Loop& loop, const std::filesystem::path& path,
                                                            Router router, Http_Limits limits = {});
    /// Takes ownership of a TCP socket that is already listening.
    static std::unique_ptr<Http_Server> adopt(Asio_Loop& loop, int listening_fd, Router router,
                                              Http_Limits limits = {});

    ~Http_Server();  ///< closes the listener and every connection

    std::uint16_t port() const;  ///< 0 for a Unix socket

private:
    class Impl;
    explicit Http_Server(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace osbot_aws::http

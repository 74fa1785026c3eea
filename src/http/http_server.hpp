#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/files.hpp"
#include "base/result.hpp"
#include "http/asio_loop.hpp"
#include "http/web_access.hpp"
#include "services/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::http {

/// The maximum size of a body, and the response to a larger one.
struct Body_Limit {
    std::uint64_t bytes_max = 0;
    wire::Response rejection;
};

/// The limits for clients, the check for web pages, and how bodies are passed to the handler.
struct Http_Limits {
    /// Delays a response until the response to a pipelined request is available, and sends both in one write.
    bool join_pipelined_responses = false;
    /// Passes a body with `Lambda-Runtime-Function-Response-Mode: streaming` to the handler as a stream (Body::stream),
    /// without a size limit.
    bool stream_marked_bodies = false;
    /// Returns true if the body of the request with this head is passed as a stream (Body::stream), without a size
    /// limit. Called for bodies above streamed_bytes_min and for bodies without a length.
    std::function<bool(const wire::Request& head)> streams_body = {};
    std::uint64_t streamed_bytes_min = 1 << 20;
    std::uint32_t header_bytes_max = 64 * 1024;  ///< also of the trailers, and of the extensions of a chunk
    std::uint64_t body_bytes_max = 256ull << 20;
    /// Returns the limit for the body of the request with this head, instead of body_bytes_max. Called for bodies above
    /// limited_bytes_min that are not passed as streams, before more of them is read.
    std::function<Body_Limit(const wire::Request& head)> body_limit = {};
    static constexpr std::uint64_t limited_bytes_min = 64 * 1024;
    /// The maximum time to receive the head of a request, and then for each transfer_bytes_min of its body. Then the
    /// response is 408, or the stream is aborted. Time in which the handler pauses a stream does not count.
    std::chrono::milliseconds request_max{60'000};
    std::size_t transfer_bytes_min = 64 * 1024;
    std::chrono::milliseconds idle_max{120'000};  ///< idle connections are closed after this time
    /// Disconnects a client that reads less than transfer_bytes_min of its response in this time, which frees the
    /// response's memory or file.
    std::chrono::milliseconds stalled_max{60'000};
    /// At this number, the server closes the connection that is idle the longest. Without an idle connection, new
    /// clients wait in the queue of the listener.
    std::size_t connections_max = 10'000;
    /// Returns true if a connection is accepted; others are closed. Called on a worker, for one connection at a time.
    /// Null: all are accepted.
    std::function<bool(int connected_fd)> accepts_peer = {};
    Web_Access access = {};  ///< which requests are accepted from web pages
};

/// Accepts HTTP/1.1 connections on a socket and passes each request to `handler`, one at a time per connection.
/// Responses to pipelined requests are in order. Runs on the loop.
class Http_Server {
public:
    using Handler = std::function<void(wire::Request, services::Reply)>;

    /// Listens on `port` of an IPv4 address of the host; 0.0.0.0 means all.
    /// Errors: PortInUse and SocketError, which name the address and the port.
    static Result<std::unique_ptr<Http_Server>> listen_tcp(Asio_Loop& loop, std::uint16_t port, Handler handler,
                                                           Http_Limits limits = {},
                                                           const std::string& host = "127.0.0.1");
    /// Opens a listening socket without accepting its connections, for adopt(). Errors as listen_tcp().
    static Result<base::Unique_Fd> bind_tcp(std::uint16_t port, const std::string& host = "127.0.0.1");
    static std::uint16_t port_of(int listening_fd);
    /// Listens on a Unix socket; an existing socket file is replaced. Errors: SocketError.
    static Result<std::unique_ptr<Http_Server>> listen_unix(Asio_Loop& loop, const std::filesystem::path& path,
                                                            Handler handler, Http_Limits limits = {});
    /// Takes ownership of a TCP socket that is already listening.
    static Result<std::unique_ptr<Http_Server>> adopt(Asio_Loop& loop, int listening_fd, Handler handler,
                                                      Http_Limits limits = {});

    ~Http_Server();  ///< closes the listener and every connection

    std::uint16_t port() const;  ///< 0 for a Unix socket

private:
    struct Impl;
    explicit Http_Server(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace osbot_aws::http

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.hpp"
#include "server/asio_loop.hpp"
#include "server/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// What a client may do to us, each limit with its name.
struct Http_Limits {
    /// An answer waits for that of a request which came right behind its own, and both leave in one write.
    bool join_pipelined_answers = false;
    /// A body with `Lambda-Runtime-Function-Response-Mode: streaming` is handed over as it comes (Body::stream),
    /// without a limit of its size.
    bool stream_marked_bodies = false;
    /// Whether the body of the request with this head is handed over as it comes (Body::stream), without a limit of its
    /// size. Asked of bodies over streamed_bytes_min, and of those that don't tell their length.
    std::function<bool(const wire::Request& head)> streams_body = {};
    std::uint64_t streamed_bytes_min = 1 << 20;
    std::uint32_t header_bytes_max = 64 * 1024;
    std::uint64_t body_bytes_max = 256ull << 20;
    /// From the first byte of a request to the last of its head, and from piece to piece of its body; then 408, or a
    /// stream that breaks off.
    std::chrono::milliseconds request_max{60'000};
    std::chrono::milliseconds idle_max{120'000};  ///< between requests of a connection; then it is closed
    /// A client that takes nothing of its answer for so long is left, with what the answer holds: memory, a file.
    std::chrono::milliseconds stalled_max{60'000};
    std::size_t connections_max = 10'000;
};

/// Accepts HTTP/1.1 connections on one socket and hands each request to `handler`, one at a time per connection (a
/// client that pipelines gets its answers in order). Everything happens on the loop.
class Http_Server {
public:
    using Handler = std::function<void(wire::Request, Reply)>;

    /// Listens on `port` of 127.0.0.1, or of every IPv4 address of the host (0.0.0.0).
    /// Errors: PortInUse, which names the address and the port.
    static Result<std::unique_ptr<Http_Server>> listen_tcp(Asio_Loop& loop, std::uint16_t port, Handler handler,
                                                           Http_Limits limits = {}, bool all_interfaces = false);
    /// Replaces what an earlier owner left there. Errors: SocketError.
    static Result<std::unique_ptr<Http_Server>> listen_unix(Asio_Loop& loop, const std::filesystem::path& path,
                                                            Handler handler, Http_Limits limits = {});
    /// A TCP socket that listens already; taken over.
    static Result<std::unique_ptr<Http_Server>> adopt(Asio_Loop& loop, int listening_fd, Handler handler,
                                                      Http_Limits limits = {});

    ~Http_Server();  ///< closes the listener and every connection

    std::uint16_t port() const;  ///< 0 for a Unix socket

private:
    struct Impl;
    explicit Http_Server(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace osbot_aws::server

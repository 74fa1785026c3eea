#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace osbot_aws::base {

struct Http_Reply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    /// Returns the first field with this name (case-insensitive), or "" if there is none.
    std::string_view header(std::string_view name) const;
};

/// A blocking HTTP/1.1 client connection that stays open between exchanges. Functions use it for the Runtime API,
/// clients for the local engine. Each request is sent with one write. One thread at a time.
///
/// Errors of all members, named as in botocore: EndpointConnectionError (connection refused; nothing was sent),
/// ConnectTimeoutError, ReadTimeoutError, ConnectionClosedError (closed before the response was complete).
class Http_Connection {
public:
    using Timeout = std::chrono::milliseconds;

    static Result<Http_Connection> connect_tcp(const std::string& host, std::uint16_t port, Timeout timeout);
    static Result<Http_Connection> connect_unix(const std::filesystem::path& path, Timeout timeout);

    /// Sends a request and receives its response. `head`: the request line and fields, each ended by \r\n;
    /// Content-Length and the empty line are added. A `timeout` of zero waits forever.
    Result<Http_Reply> exchange(std::string head, std::string_view body, Timeout timeout, bool head_request = false);
    /// Called with the number of body bytes sent so far, after each write.
    using On_Sent = std::function<void(std::size_t)>;
    /// Sends a request: the first half of exchange(); receive() is the second. `after` is a complete further request
    /// that is sent in the same write. Its response is returned by the receive() that follows the first one.
    Result<void> send(std::string head, std::string_view body, Timeout timeout, std::string_view after = {},
                      const On_Sent& on_sent = {});
    Result<Http_Reply> receive(Timeout timeout, bool head_request = false);
    /// Called with each piece of a body as it arrives. Returns false to stop receiving.
    using On_Piece = std::function<bool(std::string_view)>;
    /// Receives a body of unlimited length. Each piece of a 2xx response is passed to `on_piece` and not stored in the
    /// reply. `timeout` limits the wait for the head and between pieces. After `on_piece` returned false, the
    /// connection is not reusable().
    Result<Http_Reply> receive_pieces(Timeout timeout, const On_Piece& on_piece);
    /// Starts a request whose body is sent in pieces: begin(), any number of chunk()s, end(), then receive().
    /// `trailers` are fields, each ended by \r\n; the head passed to begin() names them in `Trailer`.
    Result<void> begin(std::string head, Timeout timeout);
    Result<void> chunk(std::string_view bytes, Timeout timeout);
    Result<void> end(std::string_view trailers, Timeout timeout);
    /// Returns false if the server announced that it closes the connection, or if an exchange failed.
    bool reusable() const { return reusable_; }
    /// Returns true if the server closed the connection or sent unrequested data since the last exchange.
    bool dropped() const;

private:
    Result<Http_Reply> receive(Timeout timeout, bool head_request, const On_Piece& on_piece);

    explicit Http_Connection(Unique_Fd fd) : fd_(std::move(fd)) {}

    Unique_Fd fd_;
    bool reusable_ = true;
    std::unique_ptr<char[]> block_;  // the buffer of one read, allocated once per connection
    std::string unparsed_;           // the start of the next response
};

}  // namespace osbot_aws::base

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

    /// The first field of that name, whatever its case; "" when there is none.
    std::string_view header(std::string_view name) const;
};

/// A blocking HTTP/1.1 connection, kept open between exchanges: the Runtime API for a function, the local engine for a
/// client. One write and as few reads as the answer needs. One thread at a time.
///
/// Errors of all members, in botocore's words: EndpointConnectionError (nobody listens; nothing was sent),
/// ConnectTimeoutError, ReadTimeoutError, ConnectionClosedError (closed before the answer was complete).
class Http_Connection {
public:
    using Timeout = std::chrono::milliseconds;

    static Result<Http_Connection> connect_tcp(const std::string& host, std::uint16_t port, Timeout timeout);
    static Result<Http_Connection> connect_unix(const std::filesystem::path& path, Timeout timeout);

    /// `head`: the request line and fields, each ended by \r\n, without Content-Length and the empty line, which are
    /// added here. A zero `timeout` waits for ever.
    Result<Http_Reply> exchange(std::string head, std::string_view body, Timeout timeout, bool head_request = false);
    /// Told how many bytes of a body have left, as they do.
    using On_Sent = std::function<void(std::size_t)>;
    /// The two halves of exchange(). `after` is a whole further request, sent in the same write: its answer is the next
    /// receive()'s.
    Result<void> send(std::string head, std::string_view body, Timeout timeout, std::string_view after = {},
                      const On_Sent& on_sent = {});
    Result<Http_Reply> receive(Timeout timeout, bool head_request = false);
    /// Takes a piece of a body as it comes; false: the rest is not wanted.
    using On_Piece = std::function<bool(std::string_view)>;
    /// receive() of a body that may never end: of a 2xx answer each piece goes to `on_piece`, and none is left in the
    /// reply; `timeout` is for the answer's head and between pieces. Not reusable() after the rest was not wanted.
    Result<Http_Reply> receive_pieces(Timeout timeout, const On_Piece& on_piece);
    /// A request whose body is sent in pieces: begin(), any number of chunk()s, end(), then receive(). `trailers` are
    /// fields, each ended by \r\n; begin()'s head names them in `Trailer`.
    Result<void> begin(std::string head, Timeout timeout);
    Result<void> chunk(std::string_view bytes, Timeout timeout);
    Result<void> end(std::string_view trailers, Timeout timeout);
    /// False: the server said that it closes, or an exchange failed.
    bool reusable() const { return reusable_; }
    /// True: the server has closed the connection, or sent something that nobody asked for, since the last exchange.
    bool dropped() const;

private:
    Result<Http_Reply> receive(Timeout timeout, bool head_request, const On_Piece& on_piece);

    explicit Http_Connection(Unique_Fd fd) : fd_(std::move(fd)) {}

    Unique_Fd fd_;
    bool reusable_ = true;
    std::unique_ptr<char[]> block_;  // what one read takes; kept, as connections are
    std::string unparsed_;           // the beginning of the next answer
};

}  // namespace osbot_aws::base

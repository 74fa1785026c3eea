#include "base/http_connection.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/error_codes.hpp"
#include "base/interruption.hpp"
#include "base/local_error.hpp"
#include "base/text.hpp"
#include "base/text_body.hpp"

namespace osbot_aws::base {
namespace {

namespace http = boost::beast::http;
using Steady_Clock = std::chrono::steady_clock;

constexpr std::size_t read_block_bytes = 65'536;
constexpr std::uint32_t header_bytes_max = 64 * 1024;  // a log tail and a client context together exceed Beast's 8 KB

class Deadline {
public:
    explicit Deadline(std::chrono::milliseconds timeout)
        : forever_(timeout.count() == 0), at_(Steady_Clock::now() + timeout) {}
    /// Returns the remaining time for poll(): -1 if there is no deadline, 0 if it has passed.
    int rest_ms() const {
        if (forever_) return -1;
        const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Steady_Clock::now()).count();
        return static_cast<int>(std::clamp<long long>(rest, 0, std::numeric_limits<int>::max()));
    }

private:
    bool forever_;
    Steady_Clock::time_point at_;
};

bool wait_for(int fd, short events, const Deadline& deadline) {
    constexpr int slice_ms = static_cast<int>(interruption_interval.count());
    pollfd watched{fd, events, 0};
    for (;;) {
        const int rest_ms = deadline.rest_ms();
        const bool in_slices = interruption != nullptr && (rest_ms < 0 || rest_ms > slice_ms);
        const int ready = ::poll(&watched, 1, in_slices ? slice_ms : rest_ms);
        if (ready > 0) return true;
        if (ready == 0 ? !in_slices : errno != EINTR) return false;
        throw_if_interrupted();
    }
}

Result<Unique_Fd> connect_to(const sockaddr* address, socklen_t length, std::string_view name,
                             Http_Connection::Timeout timeout) {
    Unique_Fd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (address->sa_family != AF_UNIX) {
        const int enabled = 1;
        ::setsockopt(fd.fd(), IPPROTO_TCP, TCP_NODELAY, &enabled, sizeof enabled);
    }
    if (::connect(fd.fd(), address, length) == 0) return fd;
    int reason = errno;
    if (reason == EINPROGRESS) {
        if (!wait_for(fd.fd(), POLLOUT, Deadline(timeout)))
            return local_error(codes::connect_timeout, "Connect timeout on endpoint {}", name);
        socklen_t size = sizeof reason;
        ::getsockopt(fd.fd(), SOL_SOCKET, SO_ERROR, &reason, &size);
        if (reason == 0) return fd;
    }
    return local_error(codes::endpoint_connection, "Could not connect to {}: {}", name, std::strerror(reason));
}

Result<void> send_all(int fd, std::string_view head, std::string_view body, std::string_view after,
                      const Deadline& deadline, const Http_Connection::On_Sent& on_sent = {}) {
    std::array<iovec, 3> parts{};
    for (std::size_t i = 0; const std::string_view text : {head, body, after}) {
        parts[i++] = {const_cast<char*>(text.data()), text.size()};
    }
    while (parts[0].iov_len + parts[1].iov_len + parts[2].iov_len > 0) {
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wait_for(fd, POLLOUT, deadline))
                return local_error(codes::read_timeout, "The endpoint did not accept the request in time");
            continue;
        }
        if (sent < 0)
            return local_error(codes::connection_closed, "The connection was closed while sending: {}",
                               std::strerror(errno));
        auto rest = static_cast<std::size_t>(sent);
        for (iovec& part : parts) {
            const std::size_t count = std::min(rest, part.iov_len);
            part.iov_base = static_cast<char*>(part.iov_base) + count;
            part.iov_len -= count;
            rest -= count;
        }
        if (on_sent && parts[0].iov_len == 0) on_sent(body.size() - parts[1].iov_len);
    }
    return {};
}

Http_Reply reply_of(http::response<Text_Body>& message) {
    Http_Reply reply{
        .status = static_cast<int>(message.result_int()), .headers = {}, .body = std::move(message.body())};
    for (const auto& field : message) reply.headers.emplace_back(field.name_string(), field.value());
    return reply;
}

}  // namespace

std::string_view Http_Reply::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (equal_ignoring_case(field, name)) return value;
    }
    return {};
}

Result<Http_Connection> Http_Connection::connect_tcp(const std::string& host, std::uint16_t port, Timeout timeout) {
    const std::string name = fmt::format("http://{}:{}", host, port);
    sockaddr_in plain{};  // localhost and numeric addresses need no resolver
    plain.sin_family = AF_INET;
    plain.sin_port = htons(port);
    const std::string number = host == "localhost" ? "127.0.0.1" : host;
    if (in_addr parsed{}; ::inet_aton(number.c_str(), &parsed) != 0) {
        plain.sin_addr = parsed;
        auto fd = connect_to(reinterpret_cast<const sockaddr*>(&plain), sizeof plain, name, timeout);
        return fd ? Result<Http_Connection>(Http_Connection(std::move(*fd))) : fd.error();
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) {
        return local_error(codes::endpoint_connection, "Could not resolve {}: {}", host, ::gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    Error last = local_error(codes::endpoint_connection, "{} has no address", host);
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        auto fd = connect_to(at->ai_addr, at->ai_addrlen, name, timeout);
        if (fd) return Http_Connection(std::move(*fd));
        last = fd.error();
    }
    return last;
}

Result<Http_Connection> Http_Connection::connect_unix(const std::filesystem::path& path, Timeout timeout) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path)
        return local_error(codes::endpoint_connection, "the path {} is too long for a socket", path.string());
    std::memcpy(address.sun_path, path.c_str(), path.string().size() + 1);
    auto fd = connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address, path.string(), timeout);
    return fd ? Result<Http_Connection>(Http_Connection(std::move(*fd))) : fd.error();
}

Result<Http_Reply> Http_Connection::exchange(std::string head, std::string_view body, Timeout timeout,
                                             bool head_request) {
    OSBOT_TRY(send(std::move(head), body, timeout));
    return receive(timeout, head_request);
}

bool Http_Connection::dropped() const {
    char byte = 0;
    const ssize_t received = ::recv(fd_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return received >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

Result<void> Http_Connection::send(std::string head, std::string_view body, Timeout timeout, std::string_view after,
                                   const On_Sent& on_sent) {
    reusable_ = false;
    head += fmt::format("Content-Length: {}\r\n\r\n", body.size());
    return send_all(fd_.fd(), head, body, after, Deadline(timeout), on_sent);
}

Result<void> Http_Connection::begin(std::string head, Timeout timeout) {
    reusable_ = false;
    head += "Transfer-Encoding: chunked\r\n\r\n";
    return send_all(fd_.fd(), head, {}, {}, Deadline(timeout));
}

Result<void> Http_Connection::chunk(std::string_view bytes, Timeout timeout) {
    if (bytes.empty()) return {};  // an empty chunk would end the body
    return send_all(fd_.fd(), fmt::format("{:x}\r\n", bytes.size()), bytes, "\r\n", Deadline(timeout));
}

Result<void> Http_Connection::end(std::string_view trailers, Timeout timeout) {
    return send_all(fd_.fd(), "0\r\n", trailers, "\r\n", Deadline(timeout));
}

Result<Http_Reply> Http_Connection::receive(Timeout timeout, bool head_request) {
    return receive(timeout, head_request, nullptr);
}

Result<Http_Reply> Http_Connection::receive_pieces(Timeout timeout, const On_Piece& on_piece) {
    return receive(timeout, false, on_piece);
}

Result<Http_Reply> Http_Connection::receive(Timeout timeout, bool head_request, const On_Piece& on_piece) {
    Deadline deadline(timeout);
    if (!block_) block_.reset(new char[read_block_bytes]);
    http::response_parser<Text_Body> parser;
    parser.eager(true);
    parser.skip(head_request);
    parser.body_limit(boost::none);
    parser.header_limit(header_bytes_max);
    for (;;) {
        boost::system::error_code error;
        while (!unparsed_.empty() && !parser.is_done()) {
            const std::size_t used = parser.put(boost::asio::buffer(unparsed_), error);
            unparsed_.erase(0, used);
            if (error == http::error::need_more || (!error && used == 0)) break;
            if (error)
                return local_error(codes::connection_closed, "The endpoint did not respond in HTTP: {}",
                                   error.message());
        }
        if (on_piece && parser.is_header_done() && parser.get().result_int() / 100 == 2) {
            std::string& body = parser.get().body();
            const bool proceed = body.empty() || on_piece(body);
            body.clear();
            if (!proceed) return reply_of(parser.get());
            deadline = Deadline(timeout);
        }
        if (parser.is_done()) break;

        const ssize_t received = ::recv(fd_.fd(), block_.get(), read_block_bytes, 0);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wait_for(fd_.fd(), POLLIN, deadline))
                return local_error(codes::read_timeout, "Read timeout on endpoint");
            continue;
        }
        if (received <= 0) {
            error = {};
            // A response without a length ends when the connection closes. put_eof() must not be called before the
            // first byte of a response.
            if (received == 0 && parser.got_some()) parser.put_eof(error);
            if (parser.is_done() && !error) break;
            return local_error(codes::connection_closed,
                               "Connection was closed before we received a valid response from endpoint");
        }
        unparsed_.append(block_.get(), static_cast<std::size_t>(received));
    }
    reusable_ = parser.get().keep_alive();
    return reply_of(parser.get());
}

}  // namespace osbot_aws::base

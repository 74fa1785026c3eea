// HTTP responses as our client reads them: those of an endpoint, and of the Runtime API inside a function.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/files.hpp"
#include "base/http_connection.hpp"
#include "fuzz.hpp"

using namespace osbot_aws::base;

namespace {

/// A server that has sent its response, whatever the request is, and closed the connection.
class Server {
public:
    Server() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path().c_str(), path().string().size());
        require(::bind(listener_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        require(::listen(listener_.fd(), 8) == 0);
    }
    Http_Connection connect(std::string_view response) {
        auto connection = Http_Connection::connect_unix(path(), std::chrono::seconds(5)).value();
        const Unique_Fd accepted(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
        const std::string_view sent = response.substr(0, socket_bytes_max);
        require(::send(accepted.fd(), sent.data(), sent.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(sent.size()));
        ::shutdown(accepted.fd(), SHUT_WR);
        return connection;
    }

private:
    static constexpr std::size_t socket_bytes_max = 100'000;  // fits into the buffer of the socket
    std::filesystem::path path() const { return folder_.path() / "socket"; }

    Temporary_Folder folder_{"fuzz"};
    Unique_Fd listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

std::string text_of(const osbot_aws::Result<Http_Reply>& reply) {
    if (!reply) return reply.error().code;
    std::string text = std::to_string(reply->status);
    for (const auto& [name, value] : reply->headers) text += "\n" + name + ": " + value;
    return text;
}

}  // namespace

std::vector<std::string> seeds() {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    return {ok + repeated(5000, "A: b\r\n") + "\r\n",
            ok + "Content-Length: 18446744073709551615\r\n\r\nx",
            ok + "Content-Length: 1099511627776\r\n\r\nx",
            ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
            ok + "Transfer-Encoding: chunked\r\n\r\n" + repeated(5000, "1\r\na\r\n") + "0\r\n\r\n",
            ok + std::string(70'000, 'a')};
}

void run_target(std::string_view bytes) {
    static Server server;
    constexpr Http_Connection::Timeout timeout{2000};
    std::string pieces;
    auto whole = server.connect(bytes), streamed = server.connect(bytes);
    const auto reply = whole.receive(timeout);
    const auto stream = streamed.receive_pieces(timeout, [&](std::string_view piece) {
        pieces += piece;
        return true;
    });
    require(text_of(reply) == text_of(stream));
    if (!reply) return;
    require(reply->body.size() <= bytes.size());
    if (reply->status >= 200 && reply->status < 300) require(pieces == reply->body && stream->body.empty());
    if (whole.reusable()) (void)whole.receive(timeout);  // a pipelined response
}

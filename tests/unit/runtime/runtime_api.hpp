#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "base/files.hpp"

namespace osbot_aws::runtime {

struct Request {
    std::string head;  // request line and fields
    std::string body;
    std::string line() const { return head.substr(0, head.find("\r\n")); }
};

/// A fake Runtime API based on sockets. The test responds to each request itself, so it shares no code with the runtime
/// under test. Every wait is limited to ten seconds; an empty request means that the runtime sent none.
class Runtime_Api {
public:
    Runtime_Api() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        set_timeout(listener_.fd());
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        if (::bind(listener_.fd(), reinterpret_cast<sockaddr*>(&any), size) != 0 || ::listen(listener_.fd(), 1) != 0 ||
            ::getsockname(listener_.fd(), reinterpret_cast<sockaddr*>(&any), &size) != 0)
            std::abort();
        address_ = fmt::format("127.0.0.1:{}", ntohs(any.sin_port));
    }

    const std::string& address() const { return address_; }

    Request take() {
        if (connection_.fd() < 0) {
            connection_ = base::Unique_Fd(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
            set_timeout(connection_.fd());
        }
        std::size_t end;
        while ((end = bytes_.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) return {};
        }
        Request request{bytes_.substr(0, end + 2), {}};
        bytes_.erase(0, end + 4);
        if (request.head.find("Transfer-Encoding: chunked") != std::string::npos) {
            // The trailers end with an empty line. The body is stored undecoded for the test.
            while ((end = bytes_.find("\r\n\r\n")) == std::string::npos || bytes_.find("0\r\n") == std::string::npos) {
                if (!more()) return {};
            }
            request.body = std::exchange(bytes_, {});
        } else if (const auto at = request.head.find("Content-Length: "); at != std::string::npos) {
            const std::size_t size = std::stoul(request.head.substr(at + 16));
            while (bytes_.size() < size) {
                if (!more()) return {};
            }
            request.body = bytes_.substr(0, size);
            bytes_.erase(0, size);
        }
        return request;
    }

    void respond(std::string_view status, std::string_view body, std::string_view headers = "") {
        const std::string all =
            fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
        if (::send(connection_.fd(), all.data(), all.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(all.size()))
            bytes_.clear();
    }

    void close_connection() { connection_ = {}; }

private:
    static void set_timeout(int fd) {
        const timeval timeout{10, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    }

    bool more() {
        char block[4096];
        const ssize_t count = ::recv(connection_.fd(), block, sizeof block, 0);
        if (count > 0) bytes_.append(block, static_cast<std::size_t>(count));
        return count > 0;
    }

    base::Unique_Fd listener_, connection_;
    std::string address_, bytes_;
};

}  // namespace osbot_aws::runtime

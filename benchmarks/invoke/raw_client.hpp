#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace osbot_aws::bench {

/// A minimal HTTP/1.1 client. The engine and the control use the same client, so the difference is the server's.
class Raw_Client {
public:
    explicit Raw_Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int one = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("connect failed");
    }
    ~Raw_Client() { ::close(fd_); }
    Raw_Client(const Raw_Client&) = delete;
    Raw_Client& operator=(const Raw_Client&) = delete;

    /// Sends the request and returns the body of the response. Throws if the status is not `status`.
    std::string exchange(std::string_view request, std::string_view status = "200") {
        for (std::string_view rest = request; !rest.empty();) {
            const auto sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error("send failed");
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
        std::string response;
        std::size_t head = std::string::npos, length = 0;
        while (head == std::string::npos || response.size() < head + length) {
            char block[16384];
            const auto count = ::recv(fd_, block, sizeof block, 0);
            if (count <= 0) throw std::runtime_error("the server closed the connection");
            response.append(block, static_cast<std::size_t>(count));
            if (head == std::string::npos && (head = response.find("\r\n\r\n")) != std::string::npos) {
                length = content_length(std::string_view(response).substr(0, head));
                head += 4;
            }
        }
        if (std::string_view(response).substr(9, 3) != status)
            throw std::runtime_error("unexpected response: " + response.substr(0, 400));
        return response.substr(head);
    }

private:
    static std::size_t content_length(std::string_view head) {
        for (std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
            if (const auto at = head.find(name); at != std::string_view::npos) {
                std::size_t length = 0;
                std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
                return length;
            }
        }
        return 0;
    }

    int fd_;
};

inline std::string http_request(std::string_view method, std::string_view target, std::string_view body,
                                std::string_view headers = "") {
    std::string request;
    request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n").append(headers);
    return request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

}  // namespace osbot_aws::bench

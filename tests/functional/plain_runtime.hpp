#pragma once

// Requests to the Runtime API on plain sockets, for test functions that are linked statically and need no other files.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

/// Returns a connected socket, or -1 with errno.
inline int connect_to(const std::string& address, long port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, address.c_str(), &target.sin_addr);
    return connect(fd, reinterpret_cast<sockaddr*>(&target), sizeof target) == 0 ? fd : -1;
}

/// Sends a request to `api` (host:port) and returns the complete response.
inline std::string request(const std::string& api, const std::string& head, const std::string& body = "") {
    const std::size_t colon = api.find(':');
    const int fd = connect_to(api.substr(0, colon), std::atol(api.substr(colon + 1).c_str()));
    if (fd < 0) std::exit(3);
    const std::string message = head + " HTTP/1.1\r\nHost: " + api +
                                "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                                body;
    if (write(fd, message.data(), message.size()) < 0) std::exit(4);
    std::string reply;
    char block[4096];
    for (ssize_t count; (count = read(fd, block, sizeof block)) > 0;)
        reply.append(block, static_cast<std::size_t>(count));
    close(fd);
    return reply;
}

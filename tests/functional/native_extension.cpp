// An extension without libraries: registers for all events and prints their types. See test_extensions.py.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

/// Sends a request on a new connection and returns the response.
std::string send(const std::string& host, const std::string& head, const std::string& body) {
    const std::size_t colon = host.find(':');
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<unsigned short>(std::stoi(host.substr(colon + 1))));
    ::inet_pton(AF_INET, host.substr(0, colon).c_str(), &address.sin_addr);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::exit(1);
    const std::string request = head + "Host: " + host +
                                "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                                body;
    if (::write(fd, request.data(), request.size()) < 0) std::exit(1);
    std::string response;
    char block[4096];
    for (ssize_t size; (size = ::read(fd, block, sizeof block)) > 0;)
        response.append(block, static_cast<std::size_t>(size));
    ::close(fd);
    return response;
}

}  // namespace

int main() {
    const std::string host = std::getenv("AWS_LAMBDA_RUNTIME_API"), field = "Lambda-Extension-Identifier: ";
    const std::string registered =
        send(host, "POST /2020-01-01/extension/register HTTP/1.1\r\nLambda-Extension-Name: native\r\n",
             R"({"events": ["INVOKE", "SHUTDOWN"]})");
    const std::size_t at = registered.find(field);
    if (at == std::string::npos) return 1;
    const std::string id = registered.substr(at, registered.find("\r\n", at) - at);
    for (;;) {
        const std::string event = send(host, "GET /2020-01-01/extension/event/next HTTP/1.1\r\n" + id + "\r\n", "");
        const bool ends = event.find("\"SHUTDOWN\"") != std::string::npos;
        std::puts(ends ? "native: SHUTDOWN" : "native: INVOKE");
        std::fflush(stdout);
        if (ends) return 0;
    }
}

#include "unit/client/small_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace osbot_aws::test {
namespace {

void require(bool done, const char* what) {
    if (!done) throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

bool read_more(int fd, std::string& text) {
    char block[65536];
    const ssize_t count = ::recv(fd, block, sizeof block, 0);
    if (count > 0) text.append(block, static_cast<std::size_t>(count));
    return count > 0;
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

wire::Request head_of(std::string_view head) {
    wire::Request request;
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t space = line.find(' ');
    request.method = line.substr(0, space);
    request.target = line.substr(space + 1, line.rfind(' ') - space - 1);
    for (std::size_t at = line.size() + 2; at < head.size();) {
        const std::size_t end = head.find("\r\n", at);
        const std::string_view field = head.substr(at, end - at);
        const std::size_t colon = field.find(':');
        const std::size_t value = std::min(field.find_first_not_of(' ', colon + 1), field.size());
        request.headers.add(std::string(field.substr(0, colon)), std::string(field.substr(value)));
        at = end + 2;
    }
    return request;
}

}  // namespace

Small_Server::Small_Server(Handler handler)
    : handler_(std::move(handler)), tcp_(::socket(AF_INET, SOCK_STREAM, 0)), local_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof inet;
    auto* address = reinterpret_cast<sockaddr*>(&inet);
    require(::bind(tcp_.fd(), address, size) == 0 && ::getsockname(tcp_.fd(), address, &size) == 0, "bind");
    port_ = ntohs(inet.sin_port);
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    socket().string().copy(path.sun_path, sizeof path.sun_path - 1);
    require(::bind(local_.fd(), reinterpret_cast<sockaddr*>(&path), sizeof path) == 0, "bind");
    for (const int listener : {tcp_.fd(), local_.fd()}) {
        require(::listen(listener, 16) == 0, "listen");
        accepting_.emplace_back([this, listener] { accept_all(listener); });
    }
}

Small_Server::~Small_Server() {
    for (const int listener : {tcp_.fd(), local_.fd()}) ::shutdown(listener, SHUT_RDWR);
    for (std::thread& thread : accepting_) thread.join();
    for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
    for (std::thread& thread : serving_) thread.join();
    for (const int connection : open_) ::close(connection);
}

void Small_Server::accept_all(int listener) {
    for (int connection; (connection = ::accept(listener, nullptr, nullptr)) >= 0;) {
        const std::lock_guard lock(mutex_);
        ++connections_;
        open_.push_back(connection);
        serving_.emplace_back([this, connection] { serve(connection); });
    }
}

void Small_Server::serve(int connection) {
    for (std::string text;;) {
        std::size_t end = 0;
        while ((end = text.find("\r\n\r\n")) == std::string::npos) {
            if (!read_more(connection, text)) return;
        }
        wire::Request request = head_of(text.substr(0, end + 2));
        text.erase(0, end + 4);
        const std::string length(request.headers["Content-Length"]);
        const std::size_t size = length.empty() ? 0 : std::stoul(length);
        while (text.size() < size) {
            if (!read_more(connection, text)) return;
        }
        request.body = text.substr(0, size);
        text.erase(0, size);

        ++requests_;
        const wire::Response response = handler_(request);
        if (response.status == 0) return close(connection);
        if (response.status == 1) continue;
        std::string reply = fmt::format("HTTP/1.1 {} Words\r\n", response.status);
        for (const auto& [name, value] : response.headers) reply += fmt::format("{}: {}\r\n", name, value);
        const std::string pieces(response.headers["X-Pieces"]);
        if (pieces.empty()) {
            reply += fmt::format("Content-Length: {}\r\n\r\n", response.body.bytes().size());
            if (request.method != "HEAD") reply += response.body.bytes();
            write_all(connection, reply);
        } else {
            write_all(connection, reply + "Transfer-Encoding: chunked\r\n\r\n");
            write_pieces(connection, response.body.bytes(), std::stoul(pieces));
        }
        if (response.headers["X-Then"] == "close") return close(connection);
    }
}

void Small_Server::write_pieces(int connection, std::string_view body, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t begin = body.size() * i / count, end = body.size() * (i + 1) / count;
        before_piece(i);
        write_all(connection, fmt::format("{:x}\r\n{}\r\n", end - begin, body.substr(begin, end - begin)));
    }
    write_all(connection, "0\r\n\r\n");
}

void Small_Server::close(int connection) {
    ::shutdown(connection, SHUT_RDWR);
    ++closed_;
    closed_.notify_all();
}

}  // namespace osbot_aws::test

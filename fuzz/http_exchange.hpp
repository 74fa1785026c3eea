#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "fuzz.hpp"
#include "http/asio_loop.hpp"

namespace osbot_aws::fuzz {

/// A client of a server on a Unix socket, on the thread of its loop.
class Exchange {
public:
    Exchange(http::Asio_Loop& loop, const std::filesystem::path& socket) : loop_(loop) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        require(socket.string().size() < sizeof address.sun_path);
        std::memcpy(address.sun_path, socket.c_str(), socket.string().size());
        require(::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }

    /// Sends the bytes in pieces, ends the stream and returns everything that the server sends until it closes.
    std::string run(std::string_view bytes, std::size_t piece) {
        std::string received;
        while (!bytes.empty()) {
            const ssize_t sent =
                ::send(socket_.fd(), bytes.data(), std::min(piece, bytes.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
            turn();
            if (receive(received) == End::closed || (sent < 0 && errno != EAGAIN)) return received;
        }
        ::shutdown(socket_.fd(), SHUT_WR);
        for (int turns = 0; turns < turns_max; ++turns) {
            turn();
            if (receive(received) == End::closed) return received;
        }
        return received;  // the server waits for something: the response of a handler
    }

private:
    enum class End { open, closed };
    static constexpr int turns_max = 200;

    void turn() {
        loop_.io().restart();
        loop_.io().poll();
    }
    End receive(std::string& received) const {
        char block[16'384];
        for (;;) {
            const ssize_t count = ::recv(socket_.fd(), block, sizeof block, MSG_DONTWAIT);
            if (count == 0 || (count < 0 && errno != EAGAIN)) return End::closed;
            if (count < 0) return End::open;
            received.append(block, static_cast<std::size_t>(count));
        }
    }

    http::Asio_Loop& loop_;
    base::Unique_Fd socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

}  // namespace osbot_aws::fuzz

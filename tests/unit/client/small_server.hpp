#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "wire/http.hpp"

namespace osbot_aws::test {

/// A plain HTTP/1.1 server of a few lines on loopback and on a Unix socket, which answers what a test tells it to: the
/// status 0 closes the connection, 1 never answers; the field `X-Then: close` closes it after the answer; `X-Pieces: 3`
/// sends the body as three chunks, each after before_piece().
class Small_Server {
public:
    using Answer = std::function<wire::Response(const wire::Request&)>;

    explicit Small_Server(Answer answer);
    ~Small_Server();

    std::uint16_t port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::filesystem::path socket() const { return folder_.path() / "s"; }
    int connections() const { return connections_; }
    int requests() const { return requests_; }
    std::function<void(std::size_t)> before_piece = [](std::size_t) {};
    /// Until so many connections were closed by the server.
    void wait_until_closed(int count) const {
        for (int seen = closed_; seen < count; seen = closed_) closed_.wait(seen);
    }

private:
    void accept_all(int listener);
    void serve(int connection);
    void write_pieces(int connection, std::string_view body, std::size_t count) const;
    void close(int connection);

    Answer answer_;
    base::Temporary_Folder folder_;
    base::Unique_Fd tcp_, local_;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0}, requests_{0}, closed_{0};
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> serving_, accepting_;
};

}  // namespace osbot_aws::test

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

/// A minimal HTTP/1.1 server on loopback and on a Unix socket. It sends the response of the test's handler, with these
/// special cases: the status 0 closes the connection, and 1 sends no response. The header `X-Then: close` closes the
/// connection after the response. `X-Pieces: 3` sends the body in three chunks, each after before_piece().
class Small_Server {
public:
    using Handler = std::function<wire::Response(const wire::Request&)>;

    explicit Small_Server(Handler handler);
    ~Small_Server();

    std::uint16_t port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::filesystem::path socket() const { return folder_.path() / "s"; }
    int connections() const { return connections_; }
    int requests() const { return requests_; }
    std::function<void(std::size_t)> before_piece = [](std::size_t) {};
    /// Waits until the server has closed `count` connections.
    void wait_until_closed(int count) const {
        for (int closed = closed_; closed < count; closed = closed_) closed_.wait(closed);
    }

private:
    void accept_all(int listener);
    void serve(int connection);
    void write_pieces(int connection, std::string_view body, std::size_t count) const;
    void close(int connection);

    Handler handler_;
    base::Temporary_Folder folder_;
    base::Unique_Fd tcp_, local_;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0}, requests_{0}, closed_{0};
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> serving_, accepting_;
};

}  // namespace osbot_aws::test

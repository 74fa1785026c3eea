#include "http/loopback_post.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <utility>

namespace osbot_aws::http {
namespace {

namespace net = boost::asio;
using net::ip::tcp;
using Net_Error = boost::system::error_code;

constexpr std::chrono::seconds post_max{5};
constexpr std::size_t status_line_bytes_max = 1024;

/// One request, on its own connection.
class Post : public std::enable_shared_from_this<Post> {
public:
    Post(Asio_Loop& loop, std::string head, std::string body, std::function<void(bool)> done)
        : loop_(loop), socket_(loop.io()), head_(std::move(head)), body_(std::move(body)), done_(std::move(done)) {}

    void start(std::uint16_t port) {
        limit_ = loop_.after(post_max, [self = weak_from_this()] {
            if (const auto post = self.lock()) post->finish(false);
        });
        socket_.async_connect({net::ip::address_v4::loopback(), port},
                              [self = shared_from_this()](const Net_Error& error) { self->connected(error); });
    }

private:
    void connected(const Net_Error& error) {
        if (error) return finish(false);
        const std::array<net::const_buffer, 2> parts{net::buffer(head_), net::buffer(body_)};
        net::async_write(socket_, parts, [self = shared_from_this()](const Net_Error& failed, std::size_t) {
            failed ? self->finish(false) : self->receive();
        });
    }

    void receive() {
        net::async_read_until(
            socket_, net::dynamic_buffer(reply_, status_line_bytes_max), "\r\n",
            [self = shared_from_this()](const Net_Error& failed, std::size_t) {
                const auto space = self->reply_.find(' ');
                self->finish(!failed && self->reply_.starts_with("HTTP/1.") && self->reply_[space + 1] == '2');
            });
    }

    void finish(bool delivered) {
        limit_.reset();
        Net_Error ignored;
        socket_.close(ignored);
        if (const auto done = std::exchange(done_, nullptr)) done(delivered);
    }

    Asio_Loop& loop_;
    tcp::socket socket_;
    std::string head_, body_, reply_;
    std::function<void(bool)> done_;
    base::Subscription_Ptr limit_;
};

}  // namespace

void post_to_loopback(Asio_Loop& loop, std::uint16_t port, const std::string& path, std::string body,
                      std::function<void(bool)> done) {
    std::string head = fmt::format(
        "POST {} HTTP/1.1\r\nHost: sandbox.localdomain:{}\r\nContent-Type: application/json\r\nContent-Length: "
        "{}\r\nConnection: close\r\n\r\n",
        path, port, body.size());
    std::make_shared<Post>(loop, std::move(head), std::move(body), std::move(done))->start(port);
}

}  // namespace osbot_aws::http

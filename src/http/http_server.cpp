#include "http/http_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/listening_socket.hpp"

namespace osbot_aws::http {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds sweep_interval_max{5000};
constexpr std::chrono::milliseconds accept_pause{100};  // after a failed accept, and at connections_max

int family_of(int listening_fd) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    ::getsockname(listening_fd, reinterpret_cast<sockaddr*>(&address), &length);
    return address.ss_family;
}

}  // namespace

class Http_Server::Impl : public Connections, public std::enable_shared_from_this<Http_Server::Impl> {
public:
    Impl(Asio_Loop& asio_loop, Router to, Http_Limits http_limits, int family, int listening_fd)
        : Connections(asio_loop, std::move(to), std::move(http_limits)),
          acceptor_(asio_loop.io(), {family, 0}, listening_fd) {}

    void start() {
        accept();
        sweep();
    }
    void close();
    void connection_closed() override;

    std::filesystem::path unix_path;
    std::uint16_t port = 0;

private:
    void accept();
    void serve(Socket socket);
    void check_peer(Socket socket);
    void pause_accepting(const Error_Code& error);
    bool client_waits();
    void make_room();
    void close_longest_idle();
    void sweep();

    asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor_;
    base::Subscription_Ptr sweeper_, accept_timer_;
    bool accepting_ = false, accept_failed_ = false;
};

void Http_Server::Impl::accept() {
    if (closed || accepting_) return;
    accept_timer_.reset();
    if (is_full()) {
        if (client_waits()) make_room();
        accept_timer_ = loop.after(accept_pause, [this] { accept(); });
        return;
    }
    accepting_ = true;
    acceptor_.async_accept([self = shared_from_this()](const Error_Code& error, Socket socket) {
        if (self->closed || error == asio::error::operation_aborted) return;
        self->accepting_ = false;
        if (error) return self->pause_accepting(error);
        self->accept_failed_ = false;
        if (self->is_full()) self->close_longest_idle();  // another server took the last place meanwhile
        if (self->limits.accepts_peer) return self->check_peer(std::move(socket));
        self->serve(std::move(socket));
        self->accept();
    });
}

void Http_Server::Impl::serve(Socket socket) {
    const int enabled = 1;  // no effect on a Unix socket
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &enabled, sizeof enabled);
    std::make_shared<Connection>(shared_from_this(), std::move(socket))->start();
}

/// Serves the connection if its peer is accepted. The next connection is accepted after that.
void Http_Server::Impl::check_peer(Socket socket) {
    accepting_ = true;
    const int fd = socket.native_handle();
    auto accepted = std::make_shared<bool>(false);
    loop.run_blocking([fd, accepted, accepts = limits.accepts_peer] { *accepted = accepts(fd); },
                      [self = shared_from_this(), accepted, socket = std::make_shared<Socket>(std::move(socket))] {
                          if (self->closed) return;
                          self->accepting_ = false;
                          if (*accepted) self->serve(std::move(*socket));
                          self->accept();
                      });
}

/// Called if accept fails, mostly because a limit of open files is reached (EMFILE, ENFILE). The clients wait in the
/// queue of the listener. Without the pause, accept would fail again immediately.
void Http_Server::Impl::pause_accepting(const Error_Code& error) {
    if (!std::exchange(accept_failed_, true)) base::log_warning("cannot accept connections: {}", error.message());
    accept_timer_ = loop.after(accept_pause, [this] { accept(); });
}

bool Http_Server::Impl::client_waits() {
    pollfd listener{acceptor_.native_handle(), POLLIN, 0};
    return ::poll(&listener, 1, 0) == 1;
}

/// Of servers that share a limit, the one whose client waits accepts before the one whose connection is closed:
/// otherwise the closed client could connect again first, each time.
void Http_Server::Impl::make_room() {
    if (limits.shared) {
        limits.shared->accept_waiting = [waiting = weak_from_this()] {
            if (const auto self = waiting.lock()) self->accept();
        };
    }
    close_longest_idle();
}

void Http_Server::Impl::connection_closed() {
    if (is_full()) return;
    if (limits.shared && limits.shared->accept_waiting) return std::exchange(limits.shared->accept_waiting, nullptr)();
    accept();
}

void Http_Server::Impl::close_longest_idle() {
    Connection* longest = nullptr;
    for (Connection* connection : limited()) {
        const auto since = connection->idle_since();
        if (since && (longest == nullptr || *since < *longest->idle_since())) longest = connection;
    }
    if (longest != nullptr) longest->close();
}

void Http_Server::Impl::sweep() {
    const auto now = Steady::now();
    for (Connection* connection : open) {
        if (connection->overdue(now)) connection->time_out();
    }
    sweeper_ = loop.after(std::min({sweep_interval_max, limits.request_max, limits.idle_max, limits.stalled_max}),
                          [this] { sweep(); });
}

void Http_Server::Impl::close() {
    closed = true;
    sweeper_.reset();
    accept_timer_.reset();
    Error_Code ignored;
    acceptor_.close(ignored);
    std::vector<std::shared_ptr<Connection>> all;  // a copy: connections leave the set when they are destroyed
    for (Connection* connection : open) all.push_back(connection->shared_from_this());
    for (const auto& connection : all) connection->end();
    if (!unix_path.empty()) ::unlink(unix_path.c_str());
}

Http_Server::Http_Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) { impl_->start(); }

Http_Server::~Http_Server() { impl_->close(); }

std::uint16_t Http_Server::port() const { return impl_->port; }

Result<std::unique_ptr<Http_Server>> Http_Server::listen_tcp(Asio_Loop& loop, std::uint16_t port, Router router,
                                                             Http_Limits limits, const std::string& host) {
    OSBOT_TRY(auto listener, listen_on_tcp(port, host));
    return adopt(loop, listener.release(), std::move(router), std::move(limits));
}

Result<std::unique_ptr<Http_Server>> Http_Server::listen_ipv6_loopback(Asio_Loop& loop, std::uint16_t port,
                                                                       Router router, Http_Limits limits) {
    OSBOT_TRY(auto listener, listen_on_ipv6_loopback(port));
    return adopt(loop, listener.release(), std::move(router), std::move(limits));
}

Result<std::unique_ptr<Http_Server>> Http_Server::listen_unix(Asio_Loop& loop, const std::filesystem::path& path,
                                                              Router router, Http_Limits limits) {
    OSBOT_TRY(auto listener, listen_on_unix(path));
    auto impl = std::make_shared<Impl>(loop, std::move(router), std::move(limits), AF_UNIX, listener.release());
    impl->unix_path = path;
    return std::unique_ptr<Http_Server>(new Http_Server(std::move(impl)));
}

std::unique_ptr<Http_Server> Http_Server::adopt(Asio_Loop& loop, int listening_fd, Router router, Http_Limits limits) {
    auto impl =
        std::make_shared<Impl>(loop, std::move(router), std::move(limits), family_of(listening_fd), listening_fd);
    impl->port = port_of(listening_fd);
    return std::unique_ptr<Http_Server>(new Http_Server(std::move(impl)));
}

}  // namespace osbot_aws::http

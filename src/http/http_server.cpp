#include "http/http_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <cerrno>
#include <cstring>
#include <unordered_set>
#include <vector>

#include "base/files.hpp"
#include "base/http_fields.hpp"
#include "base/log.hpp"
#include "base/text_body.hpp"
#include "base/time_text.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::http {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Socket = asio::generic::stream_protocol::socket;
using Error_Code = boost::system::error_code;
using Steady = std::chrono::steady_clock;

constexpr std::size_t read_block_bytes = 16'384;
constexpr std::size_t file_block_bytes = 262'144;
constexpr std::size_t large_block_bytes = 524'288;  // of large bodies, read at once
constexpr std::size_t send_bytes_max = 1 << 20;     // in one system call
constexpr std::chrono::milliseconds sweep_interval_max{5000};
constexpr std::chrono::seconds drain_max{10};           // for reading the rest of a rejected request
constexpr std::chrono::milliseconds accept_pause{100};  // after a failed accept, and at connections_max

constexpr std::string_view reason_of(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 416:
            return "Range Not Satisfiable";
        case 424:
            return "Failed Dependency";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        default:
            return "Status";
    }
}

bool allows_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

struct Http_Server::Impl : std::enable_shared_from_this<Http_Server::Impl> {
    class Connection;

    Impl(Asio_Loop& asio_loop, Handler request_handler, Http_Limits http_limits)
        : loop(asio_loop), handler(std::move(request_handler)), limits(http_limits), acceptor(asio_loop.io()) {}

    void accept();
    void serve(Socket socket);
    void check_peer(Socket socket);
    void pause_accepting(const Error_Code& error);
    bool client_waits();
    void close_longest_idle();
    void connection_closed(Connection* connection);
    /// The Date header, which SDKs use to correct clock skew. Formatted once per second.
    const std::string& date() {
        const auto now = std::chrono::floor<std::chrono::seconds>(loop.clock().now());
        if (now != date_of_) date_ = base::http_date(now);
        date_of_ = now;
        return date_;
    }
    void sweep();
    void close();

    Asio_Loop& loop;
    Handler handler;
    Http_Limits limits;
    asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor;
    std::unordered_set<Connection*> connections;
    std::vector<char> large_block;  // of one read; shared, so that slow connections do not each hold one
    base::Subscription_Ptr sweeper, accept_timer;
    std::filesystem::path unix_path;
    std::uint16_t port = 0;
    bool closed = false;
    bool accepting = false, accept_failed = false;

private:
    base::Time date_of_{};
    std::string date_;
};

/// A connection: reads a request, waits for its response, writes it, and repeats.
class Http_Server::Impl::Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Impl> server, Socket socket) : server_(std::move(server)), socket_(std::move(socket)) {
        server_->connections.insert(this);
    }
    ~Connection() { server_->connection_closed(this); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start() { begin_request(); }
    bool overdue(Steady::time_point now) const { return (deadline_ && now > *deadline_) || stalled(now); }
    /// Returns true if the client has read nothing of the response for too long.
    bool stalled(Steady::time_point now) const { return progress_deadline_ && now > *progress_deadline_; }
    /// The time since which the connection waits for a request; nullopt during a request.
    std::optional<Steady::time_point> idle_since() const {
        const bool idle = parser_ && !parser_->got_some() && pending_.empty() && !dispatched_ && socket_.is_open();
        return idle ? idle_since_ : std::optional<Steady::time_point>();
    }
    void close() {
        release_stream();
        Error_Code ignored;
        socket_.close(ignored);
    }
    /// Called when the server is destroyed. The reader of a streamed body often references this connection, which
    /// references the body: ending the body breaks this cycle, also while the body is paused and no read is pending.
    void end() {
        close();
        abort_stream();
    }
    /// Called at the deadline. Closes the connection between requests; within a request, responds with an error first.
    void time_out() {
        if (responding_ || (dispatched_ && !incoming_))
            return close();  // the response is stalled, or the rest of the request
        if (!parser_ || (!parser_->got_some() && pending_.empty())) return close();
        Error_Code ignored;
        socket_.cancel(ignored);
        deadline_ = Steady::now() + server_->limits.request_max;  // for reading the response
        if (incoming_) return reject_stream();
        refuse(408, fmt::format("The request was not complete after {} s, or it was slower than {} bytes in this time",
                                std::chrono::duration<double>(server_->limits.request_max).count(),
                                server_->limits.transfer_bytes_min));
    }

private:
    using Parser = http::request_parser<base::Text_Body>;

    void begin_request() {
        parser_.emplace();
        parser_->eager(false);  // the head alone: Beast adds trailers to the same fields
        parser_->header_limit(server_->limits.header_bytes_max);
        parser_->body_limit(boost::none);  // the limit depends on the head and is checked separately
        continue_sent_ = dispatched_ = responding_ = false;
        request_.reset();
        cors_ = {};
        streams_.reset();
        body_limit_.reset();
        idle_since_ = Steady::now();
        deadline_ = *idle_since_ + server_->limits.idle_max;
        if (pending_.empty()) return read();
        renew_deadline();
        parse();
    }

    /// Starts the period in which the head, the rest of the body or transfer_bytes_min of it must arrive.
    void renew_deadline() {
        deadline_ = Steady::now() + server_->limits.request_max;
        bytes_in_period_ = 0;
    }
    void count_received(std::size_t bytes) {
        bytes_in_period_ += bytes;
        if (bytes_in_period_ >= server_->limits.transfer_bytes_min) renew_deadline();
    }

    void read() {
        if (parser_->is_header_done() && parser_->content_length_remaining().value_or(0) > block_.size())
            return read_large([self = shared_from_this()](std::string_view bytes) { self->take(bytes); });
        socket_.async_read_some(asio::buffer(block_),
                                [self = shared_from_this()](const Error_Code& error, std::size_t count) {
                                    if (error) return self->abort_stream();  // the client closed the connection
                                    self->take({self->block_.data(), count});
                                });
    }

    void take(std::string_view bytes) {
        if (!parser_->got_some() && pending_.empty()) renew_deadline();
        if (parser_->is_header_done()) count_received(bytes.size());
        pending_ += bytes;
        parse();
    }

    /// Waits for bytes without a buffer, then passes up to large_block_bytes of them to `take_bytes`.
    template <class Take_Bytes>
    void read_large(Take_Bytes take_bytes) {
        socket_.async_wait(Socket::wait_read, [self = shared_from_this(), take_bytes](const Error_Code& error) {
            if (error) return self->abort_stream();
            std::vector<char>& block = self->server_->large_block;
            block.resize(large_block_bytes);
            const ssize_t count = ::recv(self->socket_.native_handle(), block.data(), block.size(), MSG_DONTWAIT);
            if (count > 0) return take_bytes({block.data(), static_cast<std::size_t>(count)});
            if (count < 0 && (errno == EAGAIN || errno == EINTR)) return self->read_large(take_bytes);
            self->abort_stream();  // the client closed the connection
        });
    }

    void parse() {
        // A read may complete after close(), when the handler's owner may already be destroyed.
        if (server_->closed) return;
        std::size_t used = 0;
        bool head_complete = false;
        while (used < pending_.size() && !parser_->is_done()) {
            Error_Code error;
            const std::size_t parsed =
                parser_->put(asio::buffer(pending_.data() + used, pending_.size() - used), error);
            used += parsed;
            if (error == http::error::need_more) break;
            if (error) return incoming_ ? reject_stream() : refuse(error);
            if (parsed == 0) break;
            if (!parser_->is_header_done() || request_) continue;
            request_ = head_of_request();
            head_complete = true;
            parser_->eager(true);
        }
        pending_.erase(0, used);
        if (head_complete) {
            if (auto response = check_head()) return refuse(std::move(*response));
        }
        if (framing_too_large()) return incoming_ ? reject_stream() : refuse(http::error::header_limit);
        if (streams_body()) return take_stream();
        if (parser_->is_header_done() && body_too_large()) return refuse_body();
        if (parser_->is_done()) return dispatch();
        if (parser_->is_header_done() && !continue_sent_ && parser_->get()[http::field::expect] == "100-continue")
            return send_continue();
        read();
    }

    /// Checks the complete head. Returns the response for a request that is not handled.
    std::optional<wire::Response> check_head() {
        cors_ = server_->limits.access.cors_fields(*request_);
        return server_->limits.access.response_to(*request_);
    }

    /// Aborts the streamed body when the connection closes. A request that was not received completely was not started.
    void abort_stream() {
        if (const auto stream = std::exchange(incoming_, nullptr)) stream->end({.complete = false, .trailers = {}});
    }

    /// Aborts the streamed body of a bad request. The reader of the stream sends the response.
    void reject_stream() {
        keep_alive_ = false;
        abort_stream();
    }

    /// Returns true if the body is passed to the handler as a stream. Determined once, when the head is complete.
    bool streams_body() {
        if (!parser_->is_header_done()) return false;
        if (!streams_) streams_ = is_marked_stream() || is_large_stream();
        return *streams_;
    }
    bool is_marked_stream() const {
        return server_->limits.stream_marked_bodies &&
               parser_->get()["Lambda-Runtime-Function-Response-Mode"] == "streaming";
    }
    bool is_large_stream() const {
        const Http_Limits& server_limits = server_->limits;
        const auto length = parser_->content_length();
        const bool large = length ? *length > server_limits.streamed_bytes_min : parser_->chunked();
        return large && server_limits.streams_body && server_limits.streams_body(*request_);
    }
    /// Chunk extensions and trailers are parsed when they are complete. Until then they are buffered.
    bool framing_too_large() const {
        return parser_->is_header_done() && !parser_->is_done() && pending_.size() > server_->limits.header_bytes_max;
    }
    bool body_too_large() {
        const Http_Limits& server_limits = server_->limits;
        const auto size = std::max<std::uint64_t>(parser_->content_length().value_or(0), parser_->get().body().size());
        if (server_limits.body_limit && size > Http_Limits::limited_bytes_min && !body_limit_)
            body_limit_ = server_limits.body_limit(*request_);
        return size > (body_limit_ ? body_limit_->bytes_max : server_limits.body_bytes_max);
    }
    void refuse_body() {
        if (!body_limit_) return refuse(http::error::body_limit);
        refuse(std::move(body_limit_->rejection));
    }

    /// Starts a streamed body: the request is dispatched when its head is complete.
    void take_stream() {
        auto& message = parser_->get();
        if (!incoming_) {
            incoming_ = std::make_shared<wire::Body_Stream>();
            dispatch();
            large_rest_ = parser_->content_length_remaining().value_or(0);
        }
        hand_over(message.body());
        message.body().clear();
        if (parser_->is_done()) return end_stream();
        if (message[http::field::expect] == "100-continue" && !continue_sent_ && !responding_) return send_continue();
        read_stream();
    }

    /// Passes bytes of the body to the handler. After an early response (a rejection), they are dropped: the rest of
    /// the body is still read, because many clients read the response only after they have sent everything.
    void hand_over(std::string_view bytes) {
        if (!responding_) incoming_->write(bytes);
    }

    void read_stream() {
        if (!incoming_) return;  // the server was destroyed while the body was paused
        if (incoming_->paused() && !responding_) {
            deadline_.reset();
            return incoming_->when_resumed([self = shared_from_this()] { self->read_stream(); });
        }
        if (!server_->limits.stream_marked_bodies && !deadline_) renew_deadline();
        if (large_rest_ == 0) return read();  // the parser detects the end
        read_large([self = shared_from_this()](std::string_view bytes) {
            if (!self->server_->closed) self->take_large_block(bytes);
        });
    }

    /// Reads a body with a known length without the parser.
    void take_large_block(std::string_view bytes) {
        const std::string_view of_body = bytes.substr(0, large_rest_);
        pending_ += bytes.substr(of_body.size());
        if (deadline_) count_received(of_body.size());
        large_rest_ -= of_body.size();
        hand_over(of_body);
        if (large_rest_ > 0) return read_stream();
        end_stream();
    }

    void end_stream() {
        deadline_.reset();
        if (responding_) deadline_ = Steady::now() + server_->limits.request_max;  // for closing it
        wire::Headers trailers;
        for (const auto& field : parser_->get())
            trailers.add(std::string(field.name_string()), std::string(field.value()));
        const auto stream = std::exchange(incoming_, nullptr);
        stream->end({.complete = true, .trailers = std::move(trailers)});
    }

    void send_continue() {
        continue_sent_ = true;
        static constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";
        asio::async_write(socket_, asio::buffer(continue_head.data(), continue_head.size()),
                          [self = shared_from_this()](const Error_Code& error, std::size_t) {
                              if (!error) return self->incoming_ ? self->read_stream() : self->read();
                              self->abort_stream();
                          });
    }

    void refuse(const Error_Code& error) {
        const Http_Limits& server_limits = server_->limits;
        if (error == http::error::body_limit)
            return refuse(413, fmt::format("Request must be smaller than {} bytes", server_limits.body_bytes_max));
        if (error == http::error::header_limit)
            return refuse(431,
                          fmt::format("Request headers must be smaller than {} bytes", server_limits.header_bytes_max));
        refuse(400, "The request is not valid HTTP/1.1");
    }

    void refuse(int status, std::string_view message) {
        wire::Response response{status, {{"Content-Type", "application/json"}}, {}};
        response.body.bytes = fmt::format(R"({{"Type":"User","message":"{}"}})", message);
        refuse(std::move(response));
    }

    /// Sends the last response of this connection: the start of the next request cannot be determined.
    void refuse(wire::Response response) {
        keep_alive_ = false;
        head_request_ = request_ && request_->method == "HEAD";
        write(std::move(response));
    }

    wire::Request head_of_request() const {
        const auto& message = parser_->get();
        wire::Request request;
        request.method = std::string(message.method_string());
        request.target = std::string(message.target());
        for (const auto& field : message)
            request.headers.add(std::string(field.name_string()), std::string(field.value()));
        return request;
    }

    void dispatch() {
        dispatched_ = true;
        deadline_.reset();  // functions may run for any length of time
        auto& message = parser_->get();
        keep_alive_ = message.keep_alive();
        head_request_ = message.method() == http::verb::head;

        wire::Request request = std::move(*request_);
        if (incoming_)
            request.body.stream = incoming_;
        else
            request.body.bytes = std::move(message.body());
        server_->handler(std::move(request),
                         [self = shared_from_this()](wire::Response response) { self->write(std::move(response)); });
    }

    void write(wire::Response response) {
        if (server_->closed) return;
        responding_ = true;
        response_ = std::move(response);
        if (incoming_) keep_alive_ = false;  // rejected before the body was complete: the rest is not read
        head_ = std::exchange(delayed_response_, {});
        fmt::format_to(std::back_inserter(head_), "HTTP/1.1 {} {}\r\n", response_.status, reason_of(response_.status));
        if (response_.headers.find("Date") == nullptr)
            fmt::format_to(std::back_inserter(head_), "Date: {}\r\n", server_->date());
        for (const auto& [name, value] : response_.headers) base::append_field(head_, name, value);
        for (const auto& [name, value] : cors_) base::append_field(head_, name, value);
        const bool has_length = response_.headers.find("Content-Length") != nullptr;
        in_chunks_ = response_.body.stream && !has_length;
        if (in_chunks_) {
            head_ += "Transfer-Encoding: chunked\r\n";
        } else if (allows_body(response_.status) && !has_length) {
            fmt::format_to(std::back_inserter(head_), "Content-Length: {}\r\n", response_.body.size());
        }
        head_ += keep_alive_ ? "\r\n" : "Connection: close\r\n\r\n";

        if (response_.body.stream) return write_stream();
        const bool with_body = allows_body(response_.status) && !head_request_;
        file_rest_ = with_body && response_.body.file ? response_.body.file_size : 0;
        file_offset_ = response_.body.file_offset;
        if (server_->limits.join_pipelined_responses && keep_alive_ && !pending_.empty() && file_rest_ == 0) {
            delayed_response_ = std::move(head_);
            if (with_body) delayed_response_ += response_.body.bytes;
            response_ = {};
            return begin_request();
        }
        const std::array<asio::const_buffer, 2> parts{
            asio::buffer(head_), with_body ? asio::buffer(response_.body.bytes) : asio::const_buffer{}};
        send(parts, [self = shared_from_this()](const Error_Code& error) {
            if (!error) self->written();
        });
    }

    /// Writes the whole response unless the client reads less than transfer_bytes_min in stalled_max.
    template <class Buffers, class Done>
    void send(const Buffers& buffers, Done done) {
        const auto progress = [self = shared_from_this(), next = std::size_t{0}](
                                  const Error_Code& error, std::size_t sent) mutable -> std::size_t {
            if (sent >= next) {
                self->progress_deadline_ = Steady::now() + self->server_->limits.stalled_max;
                next = sent + self->server_->limits.transfer_bytes_min;
            }
            return error ? 0 : send_bytes_max;
        };
        asio::async_write(socket_, buffers, progress,
                          [self = shared_from_this(), done = std::move(done)](const Error_Code& error, std::size_t) {
                              self->progress_deadline_.reset();
                              done(error);
                          });
    }

    void write_stream() {
        chunks_ = std::exchange(head_, {});
        outgoing_ = std::exchange(response_.body.stream, nullptr);
        outgoing_->read(
            [self = shared_from_this()](std::string_view piece) {
                if (self->in_chunks_)
                    fmt::format_to(std::back_inserter(self->chunks_), "{:x}\r\n{}\r\n", piece.size(), piece);
                else
                    self->chunks_ += piece;
                self->write_chunks();
            },
            [self = shared_from_this()](const wire::Body_Stream::End& end) {
                self->outgoing_ = nullptr;
                self->chunks_ended_ = true;
                // A missing last chunk, or fewer bytes than declared, shows the client that the body is incomplete.
                self->keep_alive_ = self->keep_alive_ && end.complete;
                if (end.complete && self->in_chunks_) self->chunks_ += "0\r\n\r\n";
                self->write_chunks();
            });
        write_chunks();
    }

    void write_chunks() {
        if (outgoing_) outgoing_->set_unsent(chunks_.size() + chunk_being_sent_.size());
        if (!chunk_being_sent_.empty() || server_->closed) return;
        if (chunks_.empty()) {
            if (std::exchange(chunks_ended_, false)) return written();
            if (const auto stream = outgoing_) stream->request_more();
            return;
        }
        chunk_being_sent_.swap(chunks_);
        send(asio::buffer(chunk_being_sent_), [self = shared_from_this()](const Error_Code& error) {
            self->chunk_being_sent_.clear();
            if (!error) return self->write_chunks();
            self->release_stream();
        });
    }

    /// Breaks the reference cycle: the stream references this connection as its reader, which references the stream.
    void release_stream() {
        if (const auto stream = std::exchange(outgoing_, nullptr)) stream->abandon();
    }

    void written() {
        if (file_rest_ > 0) return write_file_block();
        if (!keep_alive_) {
            Error_Code ignored;
            socket_.shutdown(Socket::shutdown_send, ignored);
            if (parser_->is_done() || incoming_) return;  // the reader of the stream reads the rest
            deadline_ = Steady::now() + drain_max;
            return drain();
        }
        response_ = {};
        begin_request();
    }

    /// Reads and drops the rest of a rejected request until the client closes the connection. If the socket were closed
    /// with unread bytes, the kernel would reset the connection and the client would lose the response.
    void drain() {
        read_large([self = shared_from_this()](std::string_view) { self->drain(); });
    }

    void write_file_block() {
        if (!file_) file_.reset(::open(response_.body.file->path().c_str(), O_RDONLY | O_CLOEXEC));
        file_block_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file_rest_, file_block_bytes)));
        const ssize_t bytes_read =
            ::pread(file_.fd(), file_block_.data(), file_block_.size(), static_cast<off_t>(file_offset_));
        if (bytes_read <= 0) return close();  // the length was already sent, so only closing reports the error
        file_block_.resize(static_cast<std::size_t>(bytes_read));
        file_offset_ += static_cast<std::uint64_t>(bytes_read);
        file_rest_ -= static_cast<std::uint64_t>(bytes_read);
        if (file_rest_ == 0) file_.reset();
        send(asio::buffer(file_block_), [self = shared_from_this()](const Error_Code& error) {
            if (!error) self->written();
        });
    }

    std::shared_ptr<Impl> server_;
    Socket socket_;
    std::optional<Parser> parser_;
    std::array<char, read_block_bytes> block_;
    std::string pending_;  // not parsed yet: the rest of this request, or a pipelined request
    std::optional<Steady::time_point> deadline_, progress_deadline_, idle_since_;
    bool keep_alive_ = true, head_request_ = false, continue_sent_ = false, dispatched_ = false, responding_ = false;
    std::optional<wire::Request> request_;  // the head of the current request, from its end until it is dispatched
    wire::Headers cors_;                    // fields of its response for the page that sent it
    std::optional<bool> streams_;           // whether the body of this request is passed as a stream
    std::uint64_t large_rest_ = 0;          // the missing bytes of a streamed body with a length
    std::optional<Body_Limit> body_limit_;  // of the body of this request, if it is large
    std::size_t bytes_in_period_ = 0;
    wire::Response response_;
    std::string head_;
    std::string delayed_response_;                 // a response that is sent with the next one
    std::shared_ptr<wire::Body_Stream> incoming_;  // the streamed body of the current request
    std::shared_ptr<wire::Body_Stream> outgoing_;  // the current streamed response
    std::string chunks_, chunk_being_sent_;        // of outgoing_
    bool in_chunks_ = false, chunks_ended_ = false;
    base::Unique_Fd file_;
    std::string file_block_;
    std::uint64_t file_offset_ = 0, file_rest_ = 0;
};

void Http_Server::Impl::accept() {
    if (closed || accepting) return;
    accept_timer.reset();
    if (connections.size() >= limits.connections_max) {
        if (client_waits()) close_longest_idle();
        accept_timer = loop.after(accept_pause, [this] { accept(); });
        return;
    }
    accepting = true;
    acceptor.async_accept([self = shared_from_this()](const Error_Code& error, Socket socket) {
        if (self->closed || error == asio::error::operation_aborted) return;
        self->accepting = false;
        if (error) return self->pause_accepting(error);
        self->accept_failed = false;
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
    accepting = true;
    const int fd = socket.native_handle();
    auto accepted = std::make_shared<bool>(false);
    loop.run_blocking([fd, accepted, accepts = limits.accepts_peer] { *accepted = accepts(fd); },
                      [self = shared_from_this(), accepted, socket = std::make_shared<Socket>(std::move(socket))] {
                          if (self->closed) return;
                          self->accepting = false;
                          if (*accepted) self->serve(std::move(*socket));
                          self->accept();
                      });
}

/// Called if accept fails, mostly because a limit of open files is reached (EMFILE, ENFILE). The clients wait in the
/// queue of the listener. Without the pause, accept would fail again immediately.
void Http_Server::Impl::pause_accepting(const Error_Code& error) {
    if (!std::exchange(accept_failed, true)) base::log_warning("cannot accept connections: {}", error.message());
    accept_timer = loop.after(accept_pause, [this] { accept(); });
}

bool Http_Server::Impl::client_waits() {
    pollfd listener{acceptor.native_handle(), POLLIN, 0};
    return ::poll(&listener, 1, 0) == 1;
}

void Http_Server::Impl::close_longest_idle() {
    Connection* longest = nullptr;
    for (Connection* connection : connections) {
        const auto since = connection->idle_since();
        if (since && (longest == nullptr || *since < *longest->idle_since())) longest = connection;
    }
    if (longest != nullptr) longest->close();
}

void Http_Server::Impl::connection_closed(Connection* connection) {
    connections.erase(connection);
    if (connections.size() < limits.connections_max) accept();
}

void Http_Server::Impl::sweep() {
    const auto now = Steady::now();
    for (Connection* connection : connections) {
        if (connection->overdue(now)) connection->time_out();
    }
    sweeper = loop.after(std::min({sweep_interval_max, limits.request_max, limits.idle_max, limits.stalled_max}),
                         [this] { sweep(); });
}

void Http_Server::Impl::close() {
    closed = true;
    sweeper.reset();
    accept_timer.reset();
    Error_Code ignored;
    acceptor.close(ignored);
    std::vector<std::shared_ptr<Connection>> open;  // a copy: connections leave the set when they are destroyed
    for (Connection* connection : connections) open.push_back(connection->shared_from_this());
    for (const auto& connection : open) connection->end();
    if (!unix_path.empty()) ::unlink(unix_path.c_str());
}

Http_Server::Http_Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {
    impl_->accept();
    impl_->sweep();
}

Http_Server::~Http_Server() { impl_->close(); }

std::uint16_t Http_Server::port() const { return impl_->port; }

Result<std::unique_ptr<Http_Server>> Http_Server::listen_tcp(Asio_Loop& loop, std::uint16_t port, Handler handler,
                                                             Http_Limits limits, const std::string& host) {
    auto listener = bind_tcp(port, host);
    if (!listener) return listener.error();
    return adopt(loop, listener->release(), std::move(handler), std::move(limits));
}

Result<base::Unique_Fd> Http_Server::bind_tcp(std::uint16_t port, const std::string& host) {
    base::Unique_Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return Error{"SocketError", fmt::format("cannot create a socket: {}", std::strerror(errno))};
    const int enabled = 1;
    ::setsockopt(fd.fd(), SOL_SOCKET, SO_REUSEADDR, &enabled, sizeof enabled);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
        return Error{"SocketError", fmt::format("'{}' is not an IPv4 address", host)};
    if (::bind(fd.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.fd(), SOMAXCONN) != 0) {
        if (errno != EADDRINUSE)
            return Error{"SocketError", fmt::format("cannot listen on {}:{}: {}", host, port, std::strerror(errno))};
        return Error{"PortInUse",
                     fmt::format("cannot listen on {}:{}: {}; choose another port with --port; 0 selects a free port",
                                 host, port, std::strerror(errno))};
    }
    return fd;
}

std::uint16_t Http_Server::port_of(int listening_fd) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    ::getsockname(listening_fd, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin_port);
}

Result<std::unique_ptr<Http_Server>> Http_Server::listen_unix(Asio_Loop& loop, const std::filesystem::path& path,
                                                              Handler handler, Http_Limits limits) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path) {
        return Error{"SocketError", fmt::format("the path {} is too long for a Unix socket ({} characters at most)",
                                                path.string(), sizeof address.sun_path - 1)};
    }
    std::memcpy(address.sun_path, path.c_str(), path.string().size() + 1);
    ::unlink(path.c_str());
    base::Unique_Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return Error{"SocketError", fmt::format("cannot create a socket: {}", std::strerror(errno))};
    if (::bind(fd.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.fd(), SOMAXCONN) != 0) {
        return Error{"SocketError", fmt::format("cannot listen on {}: {}", path.string(), std::strerror(errno))};
    }
    auto impl = std::make_shared<Impl>(loop, std::move(handler), limits);
    impl->acceptor.assign({AF_UNIX, 0}, fd.release());
    impl->unix_path = path;
    return std::unique_ptr<Http_Server>(new Http_Server(std::move(impl)));
}

Result<std::unique_ptr<Http_Server>> Http_Server::adopt(Asio_Loop& loop, int listening_fd, Handler handler,
                                                        Http_Limits limits) {
    auto impl = std::make_shared<Impl>(loop, std::move(handler), limits);
    impl->acceptor.assign({AF_INET, IPPROTO_TCP}, listening_fd);
    impl->port = port_of(listening_fd);
    return std::unique_ptr<Http_Server>(new Http_Server(std::move(impl)));
}

}  // namespace osbot_aws::http

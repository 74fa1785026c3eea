#include "http/connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <utility>

#include "base/time_text.hpp"

namespace osbot_aws::http {
namespace {

constexpr std::size_t large_block_bytes = 524'288;  // of large bodies, read at once
constexpr std::chrono::seconds drain_max{10};       // for reading the rest of a rejected request

wire::Response rejection(int status, std::string_view message) {
    return {
        status, {{"Content-Type", "application/json"}}, fmt::format(R"({{"Type":"User","message":"{}"}})", message)};
}

}  // namespace

const std::string& Connections::date() {
    const auto now = std::chrono::floor<std::chrono::seconds>(loop.clock().now());
    if (now != date_of_) date_ = base::http_date(now);
    date_of_ = now;
    return date_;
}

Connection::Connection(std::shared_ptr<Connections> server, Socket socket)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      reader_(server_->limits.header_bytes_max),
      writer_(socket_, server_->limits, [this](bool complete) { written(complete); }) {
    server_->add(this);
}

Connection::~Connection() {
    server_->remove(this);
    server_->connection_closed();
}

void Connection::start() {
    writer_.set_owner(weak_from_this());
    begin_request();
}

std::optional<Steady::time_point> Connection::idle_since() const {
    return state_ == State::idle && socket_.is_open() ? std::optional(idle_since_) : std::nullopt;
}

void Connection::close() {
    writer_.release();
    Error_Code ignored;
    socket_.close(ignored);
}

void Connection::end() {
    close();
    abort_stream();
}

void Connection::time_out() {
    // Otherwise the response is stalled, or the rest of the request.
    if (state_ == State::idle || state_ == State::handling || state_ == State::refused || writer_.responded())
        return close();
    Error_Code ignored;
    socket_.cancel(ignored);
    deadline_ = Steady::now() + server_->limits.request_max;  // for reading the response
    if (incoming_) return reject_stream();
    refuse(rejection(408,
                     fmt::format("The request was not complete after {} s, or it was slower than {} bytes in this time",
                                 std::chrono::duration<double>(server_->limits.request_max).count(),
                                 server_->limits.transfer_bytes_min)));
}

// ---- requests ----

void Connection::begin_request() {
    reader_.begin();
    writer_.begin();
    routed_.reset();
    body_limit_.reset();
    cors_ = {};
    keep_alive_ = true;
    state_ = State::idle;
    idle_since_ = Steady::now();
    deadline_ = idle_since_ + server_->limits.idle_max;
    if (!reader_.has_waiting_bytes()) return read();
    received({});
}

void Connection::renew_deadline() {
    deadline_ = Steady::now() + server_->limits.request_max;
    bytes_in_period_ = 0;
}

void Connection::count_received(std::size_t bytes) {
    bytes_in_period_ += bytes;
    if (deadline_ && bytes_in_period_ >= server_->limits.transfer_bytes_min) renew_deadline();
}

void Connection::read() {
    if (reader_.has_head() && reader_.missing_bytes() > block_.size())
        return read_large([this](std::string_view bytes) { received(bytes); });
    socket_.async_read_some(boost::asio::buffer(block_),
                            [self = shared_from_this()](const Error_Code& error, std::size_t count) {
                                if (error) return self->abort_stream();  // the client closed the connection
                                self->received({self->block_.data(), count});
                            });
}

template <class Take_Bytes>
void Connection::read_large(Take_Bytes take_bytes) {
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

void Connection::received(std::string_view bytes) {
    // A read may complete after close(), when the handler's owner may already be destroyed.
    if (server_->closed || state_ == State::refused || state_ == State::draining) return;
    if (state_ == State::idle) {
        state_ = State::head;
        renew_deadline();
    } else if (state_ != State::head) {
        count_received(bytes.size());
    }
    reader_.add(bytes);
    parse();
}

void Connection::parse() {
    if (const Error_Code error = reader_.parse()) return fail(error);
    if (state_ == State::head && reader_.has_head()) return take_head();
    if (state_ == State::head) return read();
    incoming_ ? take_stream() : take_body();
}

void Connection::take_head() {
    const wire::Request& head = reader_.head();
    routed_ = server_->router(head);
    cors_ = server_->limits.access.cors_fields(head, *routed_);
    if (auto response = server_->limits.access.response_to(head, *routed_)) return refuse(std::move(*response));
    if (streams_body()) return begin_stream();
    state_ = State::body;
    take_body();
}

void Connection::take_body() {
    if (auto response = too_large()) return refuse(std::move(*response));
    if (!reader_.complete()) return read_body();
    state_ = State::handling;
    dispatch(reader_.take_body());
}

void Connection::read_body() {
    if (!reader_.take_expectation() || writer_.responded()) return incoming_ ? read_stream() : read();
    writer_.send_continue([this](const Error_Code& error) {
        if (error) return abort_stream();
        incoming_ ? read_stream() : read();
    });
}

// ---- streamed bodies ----

bool Connection::streams_body() const {
    const Body_Mode mode = routed_->body_mode();
    if (mode != Body_Mode::streamed_if_large) return mode == Body_Mode::streamed;
    return reader_.has_length() ? reader_.body_size() > server_->limits.streamed_bytes_min : reader_.is_chunked();
}

/// Passes the request to its handler when its head is complete.
void Connection::begin_stream() {
    state_ = State::stream;
    incoming_ = std::make_shared<wire::Body_Stream>();
    incoming_->on_demand([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || self->state_ != State::paused) return;
        self->state_ = State::stream;
        self->read_stream();
    });
    dispatch(incoming_);
    if (incoming_) take_stream();  // unless the server was destroyed
}

void Connection::take_stream() {
    pass_on(reader_.take_body());
    if (reader_.complete()) return end_stream();
    read_body();
}

/// Passes bytes of the body to the handler. After an early response (a rejection), they are dropped: the rest of the
/// body is still read, because many clients read the response only after they have sent everything.
void Connection::pass_on(std::string_view bytes) {
    if (!writer_.responded()) incoming_->write(bytes);
}

void Connection::read_stream() {
    if (!incoming_) return;  // the server was destroyed
    if (incoming_->paused() && !writer_.responded()) {
        deadline_.reset();
        state_ = State::paused;
        return;
    }
    if (!deadline_ && routed_->body_mode() != Body_Mode::streamed) renew_deadline();
    if (reader_.missing_bytes() == 0) return read();  // the parser detects the end of chunks
    reader_.read_raw();
    read_large([this](std::string_view bytes) {
        if (!server_->closed && incoming_) take_raw_block(bytes);
    });
}

/// Takes a block of a body with a length without the parser.
void Connection::take_raw_block(std::string_view bytes) {
    const std::string_view of_body = reader_.take_raw(bytes);
    count_received(of_body.size());
    pass_on(of_body);
    reader_.complete() ? end_stream() : read_stream();
}

void Connection::end_stream() {
    state_ = State::handling;
    deadline_.reset();
    if (writer_.responded()) deadline_ = Steady::now() + server_->limits.request_max;  // for closing it
    std::exchange(incoming_, nullptr)->end({.complete = true, .trailers = reader_.fields()});
}

/// Aborts the streamed body when the connection closes. A request that was not received completely was not started.
void Connection::abort_stream() {
    if (const auto stream = std::exchange(incoming_, nullptr)) stream->end({.complete = false, .trailers = {}});
}

/// Aborts the streamed body of a bad request. Its handler sends the response.
void Connection::reject_stream() {
    state_ = State::refused;
    keep_alive_ = false;
    abort_stream();
}

// ---- responses ----

void Connection::dispatch(wire::Body body) {
    deadline_.reset();  // functions may run for any length of time
    keep_alive_ = reader_.keep_alive();
    routed_->client_closed = [weak = weak_from_this()] {
        const auto self = weak.lock();
        return self == nullptr || self->client_closed();
    };
    routed_->handle(reader_.take_request(std::move(body)),
                    [self = shared_from_this()](wire::Response response) { self->respond(std::move(response)); });
}

/// Returns true if the client has closed the connection, or its sending half: TCP does not show the difference before a
/// response is sent. While a request is handled, nothing else reads from the connection.
bool Connection::client_closed() {
    if (!socket_.is_open()) return true;
    char next = 0;
    const ssize_t count = ::recv(socket_.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

void Connection::respond(wire::Response response) {
    if (server_->closed) return;
    if (incoming_) keep_alive_ = false;  // rejected before the body was complete: the rest is not read
    const Framing framing{keep_alive_, reader_.is_head_request(), server_->date(), cors_};
    const bool is_small = !response.body.stream() && response.body.file() == nullptr;
    if (server_->limits.join_pipelined_responses && keep_alive_ && reader_.has_waiting_bytes() && is_small) {
        writer_.delay(response, framing);
        return begin_request();
    }
    writer_.write(std::move(response), framing);
    if (state_ == State::paused) incoming_->request_more();
}

void Connection::fail(const Error_Code& error) {
    if (incoming_) return reject_stream();
    if (error != boost::beast::http::error::header_limit)
        return refuse(rejection(400, "The request is not valid HTTP/1.1"));
    refuse(
        rejection(431, fmt::format("Request headers must be smaller than {} bytes", server_->limits.header_bytes_max)));
}

std::optional<wire::Response> Connection::too_large() {
    const std::uint64_t size = reader_.body_size(), bytes_max = server_->limits.body_bytes_max;
    if (!body_limit_ && size > Routed_Request::limited_bytes_min) body_limit_ = routed_->body_limit();
    if (body_limit_) return size > body_limit_->bytes_max ? std::optional(body_limit_->rejection) : std::nullopt;
    if (size <= bytes_max) return std::nullopt;
    return rejection(413, fmt::format("Request must be smaller than {} bytes", bytes_max));
}

/// Sends the last response of this connection: the start of the next request cannot be determined.
void Connection::refuse(wire::Response response) {
    state_ = State::refused;
    keep_alive_ = false;
    respond(std::move(response));
}

void Connection::written(bool complete) {
    if (keep_alive_ && complete) return begin_request();
    Error_Code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    if (state_ != State::refused || reader_.complete()) return;  // a body that is streamed is read to its end
    state_ = State::draining;
    deadline_ = Steady::now() + drain_max;
    drain();
}

/// Reads and drops the rest of a rejected request until the client closes the connection. If the socket were closed
/// with unread bytes, the kernel would reset the connection and the client would lose the response.
void Connection::drain() {
    read_large([self = shared_from_this()](std::string_view) { self->drain(); });
}

}  // namespace osbot_aws::http

#include "engine/forwarder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <utility>
#include <vector>

#include "base/http_fields.hpp"
#include "base/text.hpp"
#include "base/text_body.hpp"
#include "services/protocol_error.hpp"
#include "wire/connection_fields.hpp"

namespace osbot_aws::engine {
namespace {

namespace net = boost::asio;
using net::ip::tcp;
using Net_Error = boost::system::error_code;

constexpr std::size_t reply_block_bytes = 65'536;
constexpr std::uint32_t reply_head_bytes_max = 64 * 1024;
constexpr int forward_failed_status = 424, forward_busy_status = 503;

bool is_cors_field(std::string_view name) { return base::lower_case(name).starts_with("access-control-"); }

std::string head_to_forward(const wire::Request& request) {
    std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
    for (const auto& [name, value] : request.headers)
        if (!wire::is_message_field(name)) base::append_field(head, name, value);
    const bool has_body = !request.body.bytes().empty() || request.headers.find("Content-Length") != nullptr ||
                          request.headers.find("Transfer-Encoding") != nullptr;
    if (has_body) head += fmt::format("Content-Length: {}\r\n", request.body.bytes().size());
    return head + "Connection: close\r\n\r\n";
}

/// Returns the endpoints of a host that needs no resolver: an address, or a name below localhost, which a system
/// without /etc/hosts does not know. Empty for other names. Source: RFC 6761, section 6.3
std::vector<tcp::endpoint> known_endpoints(const std::string& host, std::uint16_t port) {
    if (host == "localhost" || host.ends_with(".localhost"))
        return {{net::ip::address_v4::loopback(), port}, {net::ip::address_v6::loopback(), port}};
    Net_Error error;
    const auto address = net::ip::make_address(host, error);
    if (error) return {};
    return {{address, port}};
}

}  // namespace

/// One request to an endpoint, on its own connection.
class Forwarder::Exchange : public std::enable_shared_from_this<Exchange> {
public:
    Exchange(Forwarder& owner, const Forward& to, std::string service, wire::Request request, services::Reply reply)
        : owner_(owner),
          to_(to),
          service_(std::move(service)),
          protocol_(services::protocol_of(request)),
          request_(std::move(request)),
          reply_(std::move(reply)),
          resolver_(owner.loop_.io()),
          socket_(owner.loop_.io()) {}

    void start() {
        parser_.eager(true);
        parser_.skip(request_.method == "HEAD");
        parser_.body_limit(owner_.limits_.response_bytes_max);
        parser_.header_limit(reply_head_bytes_max);
        limit_time(owner_.limits_.connect_max, "no connection");
        if (auto endpoints = known_endpoints(to_.host, to_.port); !endpoints.empty())
            return connect(std::move(endpoints));
        resolver_.async_resolve(to_.host, std::to_string(to_.port),
                                [self = shared_from_this()](const Net_Error& failed, const auto& found) {
                                    if (!self->reply_) return;
                                    if (failed) return self->fail(failed.message());
                                    self->connect({found.begin(), found.end()});
                                });
    }

    void fail(std::string_view reason, int status = forward_failed_status) {
        const Error error{"ForwardFailed",
                          fmt::format("cannot forward {} to {}: {}; start that endpoint, or restart the engine without "
                                      "--forward '{}={}'",
                                      service_, to_.url, reason, to_.service, to_.url),
                          status};
        finish(services::protocol_error(protocol_, error));
    }

private:
    /// Connects to the first local address that accepts. A name may have others: they are not used.
    void connect(std::vector<tcp::endpoint> endpoints) {
        const std::size_t found = endpoints.size();
        std::erase_if(endpoints, [](const auto& end) { return !is_local_address(end.address().to_string()); });
        if (endpoints.empty() && found > 0)
            return fail("the name has a public address, and requests are forwarded to loopback and private ones only");
        targets_ = std::move(endpoints);
        net::async_connect(socket_, targets_,
                           [self = shared_from_this()](const Net_Error& error, const tcp::endpoint&) {
                               if (!self->reply_) return;
                               if (error) return self->fail(error.message());
                               self->send();
                           });
    }

    void send() {
        limit_time(owner_.limits_.response_max, "no response");
        head_ = head_to_forward(request_);
        const std::array<net::const_buffer, 2> parts{net::buffer(head_), net::buffer(request_.body.bytes())};
        net::async_write(socket_, parts, [self = shared_from_this()](const Net_Error&, std::size_t) {
            // An endpoint may respond, and close, before it has read the body: the response shows the reason.
            if (self->reply_) self->receive();
        });
    }

    void receive() {
        socket_.async_read_some(net::buffer(block_),
                                [self = shared_from_this()](const Net_Error& error, std::size_t count) {
                                    if (self->reply_) self->received(error, count);
                                });
    }

    void received(const Net_Error& failed, std::size_t count) {
        Net_Error error = failed;
        if (!error) {
            unparsed_.append(block_.data(), count);
            error = parse();
        } else if (error == net::error::eof && parser_.got_some()) {
            error = {};
            parser_.put_eof(error);  // a response without a length ends with the connection
        }
        if (error == boost::beast::http::error::body_limit)
            return fail(fmt::format("its response is larger than {} bytes", owner_.limits_.response_bytes_max));
        if (error) return fail(fmt::format("it sent no valid HTTP response ({})", error.message()));
        if (parser_.is_done()) return finish(take_response());
        receive();
    }

    Net_Error parse() {
        Net_Error error;
        while (!unparsed_.empty() && !parser_.is_done()) {
            const std::size_t used = parser_.put(net::buffer(unparsed_), error);
            unparsed_.erase(0, used);
            if (error == boost::beast::http::error::need_more) return {};
            if (error || used == 0) return error;
        }
        return error;
    }

    wire::Response take_response() {
        auto& message = parser_.get();
        wire::Response response{.status = static_cast<int>(message.result_int()), .headers = {}, .body = {}};
        for (const auto& field : message) {
            const std::string_view name(field.name_string().data(), field.name_string().size());
            // The server writes the length, except that of the body which a HEAD request does not receive.
            const bool length_of_head =
                request_.method == "HEAD" && field.name() == boost::beast::http::field::content_length;
            if (!length_of_head && (wire::is_message_field(name) || is_cors_field(name))) continue;
            response.headers.add(std::string(name), std::string(field.value()));
        }
        response.body = std::move(message.body());
        return response;
    }

    void limit_time(std::chrono::milliseconds time, std::string_view missing) {
        timer_ = owner_.loop_.after(
            time, [this, time, missing] { fail(fmt::format("{} within {} ms", missing, time.count())); });
    }

    /// Ends the exchange. Handlers that still run do nothing, because there is no reply to send.
    void finish(wire::Response response) {
        const auto self = shared_from_this();  // the owner's reference may be the last one
        const services::Reply reply = std::exchange(reply_, nullptr);
        timer_.reset();
        resolver_.cancel();
        Net_Error ignored;
        socket_.close(ignored);
        owner_.exchanges_.erase(self);
        reply(std::move(response));
    }

    Forwarder& owner_;  // outlives reply_
    const Forward to_;
    const std::string service_;
    const aws::Protocol protocol_;
    const wire::Request request_;
    services::Reply reply_;
    tcp::resolver resolver_;
    tcp::socket socket_;
    base::Subscription_Ptr timer_;
    std::vector<tcp::endpoint> targets_;
    std::string head_, unparsed_;
    std::array<char, reply_block_bytes> block_{};
    boost::beast::http::response_parser<base::Text_Body> parser_;
};

Forwarder::~Forwarder() {
    while (!exchanges_.empty()) {
        const auto exchange = *exchanges_.begin();
        exchange->fail("the engine stopped");
    }
}

const Forward* Forwarder::find(std::string_view service) const {
    auto found = forwards_.find(service);
    if (found == forwards_.end() && is_service_name(service)) found = forwards_.find(any_service);
    return found == forwards_.end() ? nullptr : &found->second;
}

void Forwarder::forward(const Forward& to, std::string service, wire::Request request, services::Reply reply) {
    const auto exchange =
        std::make_shared<Exchange>(*this, to, std::move(service), std::move(request), std::move(reply));
    const bool busy = exchanges_.size() >= limits_.concurrent_max;
    exchanges_.insert(exchange);
    if (busy)
        return exchange->fail(fmt::format("{} requests are already being forwarded", limits_.concurrent_max),
                              forward_busy_status);
    exchange->start();
}

}  // namespace osbot_aws::engine

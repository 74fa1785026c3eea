#include <fmt/format.h>

#include <functional>
#include <optional>

#include "base/error_codes.hpp"
#include "base/http_connection.hpp"
#include "base/http_fields.hpp"
#include "client/transports.hpp"

namespace osbot_aws::client {
namespace {

using Connect = std::function<Result<base::Http_Connection>(std::chrono::milliseconds timeout)>;

/// One reused connection.
class Plain_Transport final : public Transport {
public:
    explicit Plain_Transport(Connect connect) : connect_(std::move(connect)) {}

    Result<wire::Response> send(const wire::Request& request, const Send_Options& options) override {
        if (connection_ && connection_->dropped()) connection_.reset();
        const bool reused = connection_.has_value();
        auto first = exchange(request, options);
        const bool repeat = !first && reused && may_repeat(first.error(), options);
        OSBOT_TRY(auto reply, repeat ? exchange(request, options) : std::move(first));

        wire::Response response;
        response.status = reply.status;
        for (auto& [name, value] : reply.headers) response.headers.add(std::move(name), std::move(value));
        response.body = std::move(reply.body);
        return response;
    }

private:
    static bool may_repeat(const Error& error, const Send_Options& options) {
        return error.code == codes::endpoint_connection ||
               (options.repeatable && error.code == codes::connection_closed);
    }

    Result<base::Http_Reply> exchange(const wire::Request& request, const Send_Options& options) {
        if (!connection_) {
            OSBOT_TRY(auto connected, connect_(options.connect_timeout));
            connection_.emplace(std::move(connected));
        }
        const std::string& body = request.body.bytes();
        std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
        for (const auto& [name, value] : request.headers) base::append_field(head, name, value);
        base::Http_Connection::On_Sent on_sent;
        if (options.on_sent && !body.empty()) on_sent = [&](std::size_t bytes) { options.on_sent(bytes, body.size()); };
        if (auto sent = connection_->send(std::move(head), body, options.read_timeout, {}, on_sent); !sent) {
            connection_.reset();
            const bool closed = sent.error().code == codes::connection_closed;
            return closed ? Error{codes::endpoint_connection, sent.error().message, 0} : sent.error();
        }
        auto reply = options.on_body ? connection_->receive_pieces(options.read_timeout, options.on_body)
                                     : connection_->receive(options.read_timeout, request.method == "HEAD");
        if (!connection_->reusable()) connection_.reset();
        return reply;
    }

    Connect connect_;
    std::optional<base::Http_Connection> connection_;
};

}  // namespace

std::shared_ptr<Transport> make_unix_transport(std::filesystem::path socket) {
    return std::make_shared<Plain_Transport>(
        [socket = std::move(socket)](auto timeout) { return base::Http_Connection::connect_unix(socket, timeout); });
}

std::shared_ptr<Transport> make_tcp_transport(std::string host, std::uint16_t port) {
    return std::make_shared<Plain_Transport>([host = std::move(host), port](auto timeout) {
        return base::Http_Connection::connect_tcp(host, port, timeout);
    });
}

}  // namespace osbot_aws::client

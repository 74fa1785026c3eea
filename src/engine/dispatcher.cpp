#include "engine/dispatcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <osbot_aws/core/Json.hpp>

#include "aws/models/models.hpp"
#include "base/random.hpp"
#include "engine/body_limits.hpp"
#include "engine/control_json.hpp"
#include "services/durable_reply.hpp"
#include "services/protocol_error.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::engine {
namespace {

using To = Request_Route::To;

bool is_s3(const Request_Route& route) { return route.to == To::service && route.model == &aws::s3_model(); }

wire::Response forbidden(const char* message) { return control_json(403, {{"message", message}}); }

}  // namespace

class Dispatcher::Listener_Request final : public http::Routed_Request {
public:
    /// Properties of a request from a web page, from its head.
    struct Page {
        bool is_permitted = false;                    ///< by the resource of the request
        std::optional<wire::Request> preflight = {};  ///< to S3
    };

    Listener_Request(Dispatcher& dispatcher, Request_Route route, Caller caller, Page page)
        : dispatcher_(dispatcher), route_(std::move(route)), caller_(caller), page_(std::move(page)) {}

    http::Page_Use page_use() const override {
        if (route_.to == To::function_url || page_.is_permitted) return http::Page_Use::any;
        if (route_.to == To::control) return http::Page_Use::none;
        const aws::Operation* operation = is_s3(route_) ? route_.route.operation : nullptr;
        const bool is_read = operation != nullptr && std::string_view(operation->method) == "GET" &&
                             aws::streams_output(*route_.model, *operation);
        return is_read ? http::Page_Use::links : http::Page_Use::operations;
    }
    wire::Response denial(const Error& error) const override {
        if (page_.preflight) return dispatcher_.services_.s3->respond_to_preflight(*page_.preflight);
        if (!is_s3(route_) || !route_.is_signed) return http::Routed_Request::denial(error);
        return wire::rest_xml_error({"AccessDenied", error.message, 403}, base::random_hex(16));
    }
    http::Body_Mode body_mode() const override {
        const aws::Operation* operation = is_s3(route_) ? route_.route.operation : nullptr;
        return operation != nullptr && aws::streams_input(*route_.model, *operation)
                   ? http::Body_Mode::streamed_if_large
                   : http::Body_Mode::buffered;
    }
    std::optional<http::Body_Limit> body_limit() const override { return body_limit_of(route_); }

    void handle(wire::Request request, services::Reply reply) override {
        complete_route(route_, request);
        const Observers& observers = dispatcher_.observers_;
        if (observers.on_request) observers.on_request();
        if (observers.on_response) reply = observed_reply(route_, request, std::move(reply), observers.on_response);
        dispatcher_.handle(std::move(route_), std::move(request), std::move(reply), caller_, client_closed);
    }

private:
    Dispatcher& dispatcher_;
    Request_Route route_;
    const Caller caller_;
    const Page page_;
};

std::unique_ptr<http::Routed_Request> Dispatcher::route(const wire::Request& head, Caller caller) {
    Request_Route route = route_of(head);
    Listener_Request::Page page;
    if (is_s3(route) && services_.s3 != nullptr && !head.headers["Origin"].empty()) {
        page.is_permitted = services_.s3->permits_page(head);
        if (head.method == "OPTIONS") page.preflight = wire::Request{head.method, head.target, head.headers, {}};
    }
    return std::make_unique<Listener_Request>(*this, std::move(route), caller, std::move(page));
}

std::unique_ptr<http::Routed_Request> Dispatcher::route_to_url(const std::string& id) {
    return std::make_unique<Listener_Request>(*this, Request_Route{.to = To::function_url, .id = id}, Caller::network,
                                              Listener_Request::Page());
}

void Dispatcher::handle(wire::Request request, services::Reply reply) {
    Request_Route route = route_of(request);
    complete_route(route, request);
    handle(std::move(route), std::move(request), std::move(reply), Caller::host);
}

void Dispatcher::handle(Request_Route route, wire::Request request, services::Reply reply, Caller caller,
                        std::function<bool()> client_closed) {
    if (route.to == To::function_url) return services_.lambda.handle_function_url(route.id, std::move(request), reply);
    if (route.to == To::control) return handle_control(route.control, request, caller, reply);
    const auto api =
        std::ranges::find_if(services_.models, [&](const auto* each) { return &each->model() == route.model; });
    if (api == services_.models.end()) {
        record_key(route);
        return handle_unknown(std::move(route), std::move(request), reply);
    }
    // All text that the services store or return is UTF-8. JSON and XML are checked by their parsers.
    const std::string format(route.error_format());
    if (const auto part = wire::non_utf8_part(request, route.is_form); part != wire::Request_Part::none)
        return reply(services::protocol_error(format, services::non_utf8_error(route.service, part)));
    if (route.to == To::code) return reply(services_.lambda.download(route.id));
    if (!(*api)->runs_raw(route.route)) reply = services::durable_reply(context_, format, std::move(reply));
    if (services_.authentication == nullptr) record_key(route);
    services::Service_Request sent{std::move(route.account), std::move(route.route), std::move(request),
                                   std::move(client_closed)};
    if (services_.authentication == nullptr) return pass(**api, std::move(sent), std::move(reply));
    authenticate(**api, std::move(sent), route, std::move(reply));
}

void Dispatcher::record_key(const Request_Route& route) const {
    if (services_.on_key && !route.access_key_id.empty())
        services_.on_key(route.access_key_id, route.account.region, route.service);
}

void Dispatcher::authenticate(services::Model_Api& api, services::Service_Request sent, Request_Route route,
                              services::Reply reply) {
    route.account = sent.account;
    const bool is_head = sent.request.method == "HEAD";
    services_.authentication->admit(api.model(), std::move(sent),
                                    [this, &api, is_head, route = std::move(route),
                                     reply = std::move(reply)](Result<services::Service_Request> admitted) {
                                        if (admitted) {
                                            record_key(route);
                                            return pass(api, std::move(*admitted), reply);
                                        }
                                        wire::Response rejected = services::protocol_error(
                                            std::string(route.error_format()), admitted.error());
                                        if (is_head) rejected.body = {};
                                        reply(std::move(rejected));
                                    });
}

void Dispatcher::pass(services::Model_Api& api, services::Service_Request sent, services::Reply reply) {
    if (&api == services_.s3) return services_.s3->handle_any(std::move(sent), std::move(reply));
    api.handle(std::move(sent), std::move(reply));
}

void Dispatcher::handle_unknown(Request_Route route, wire::Request request, const services::Reply& reply) {
    const Forward* forward = services_.forwarder == nullptr ? nullptr : services_.forwarder->find(route.service);
    if (forward != nullptr)
        return services_.forwarder->forward(*forward, std::move(route.service), std::move(request), reply);
    const bool is_form = route.protocol == aws::Protocol::query;
    if (const auto part = wire::non_utf8_part(request, is_form); part != wire::Request_Part::none)
        return reply(services::protocol_error(route.service, services::non_utf8_error(route.service, part)));
    Error error = wire::not_implemented(route.service, fmt::format("{} {}", request.method, request.path()));
    if (is_service_name(route.service))
        error.message +=
            fmt::format("; osbot local start --forward {}=URL passes it to another endpoint", route.service);
    reply(services::protocol_error(route.protocol, error));
}

void Dispatcher::handle_control(Control_Call call, const wire::Request& request, Caller caller,
                                const services::Reply& reply) {
    if (caller == Caller::function)
        return reply(forbidden("functions may not use the control endpoints of the engine"));
    if (caller == Caller::network && call != Control_Call::health && call != Control_Call::compatible)
        return reply(
            forbidden("the control endpoints of this engine are available at the socket osbot.sock in its "
                      "state folder, which osbot local uses"));
    const services::Reply durable = services::durable_reply(context_, "", reply);
    switch (call) {
        case Control_Call::health:
            return reply(json_text(200, control_.health()));
        case Control_Call::status:
            return control_.status(reply);
        case Control_Call::prune:
            return control_.prune(request, durable);
        case Control_Call::reset:
            control_.reset();
            return durable(json_text(200, R"({"status":"ok"})"));
        case Control_Call::images:
            return control_.images(request, durable);
        case Control_Call::state:
            return control_.state(request, reply);
        case Control_Call::init:
            return control_.init(reply);
        case Control_Call::compatible:
            return reply(control_.compatible(request.path()));
        case Control_Call::unknown:
            break;
    }
    reply(control_json(404, {{"message", fmt::format("unknown path: {} {}", request.method, request.path())}}));
}

}  // namespace osbot_aws::engine

#include "http/runtime_endpoint.hpp"

#include <fmt/format.h>

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "http/http_server.hpp"
#include "http/open_file_shares.hpp"
#include "wire/body_stream.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::http {
namespace {

constexpr std::string_view invocation = "/2018-06-01/runtime/invocation/";
constexpr std::string_view init_error = "/2018-06-01/runtime/init/error";

// Larger than the limit of 6 MB for a response, so that the environment can return Lambda's ResponseSizeTooLarge error.
constexpr std::uint64_t buffered_bytes_max = 8ull << 20;

wire::Response json_response(int status, std::string body) {
    wire::Response response{status, {{"Content-Type", "application/json"}}, {}};
    response.body.bytes = std::move(body);
    return response;
}

wire::Response error_response(const Error& cause) {
    const Error error = wire::with_http_status(cause);
    return json_response(error.http_status,
                         base::dump_json_lossy(Json{{"errorMessage", error.message}, {"errorType", error.code}}));
}

wire::Response status_response(const Result<void>& result) {
    return result ? json_response(202, R"({"status":"OK"})") : error_response(result.error());
}

wire::Response event_response(const services::Next_Event& event) {
    wire::Response response{
        200,
        {{"Content-Type", "application/json"},
         {"Server", "osbot_aws"},  // our runtime may then send its response and the next request in one write
         {"Lambda-Runtime-Aws-Request-Id", event.request_id},
         {"Lambda-Runtime-Deadline-Ms", std::to_string(event.deadline_ms)},
         {"Lambda-Runtime-Invoked-Function-Arn", event.function_arn}},
        {}};
    if (!event.trace_id.empty()) response.headers.add("Lambda-Runtime-Trace-Id", event.trace_id);
    if (!event.client_context.empty()) response.headers.add("Lambda-Runtime-Client-Context", event.client_context);
    if (!event.cognito_identity.empty())
        response.headers.add("Lambda-Runtime-Cognito-Identity", event.cognito_identity);
    response.body.bytes = event.payload;
    return response;
}

/// Buffers a response that the function does not stream. Bytes above buffered_bytes_max are dropped: the environment
/// rejects such a response by its size.
void buffer_response(services::Runtime_Api& api, const std::string& id, const wire::Request& request,
                     const services::Reply& reply) {
    auto payload = std::make_shared<std::string>();
    request.body.stream->read(
        [payload](std::string_view piece) {
            if (payload->size() < buffered_bytes_max) payload->append(piece);
        },
        [&api, id, payload, reply,
         type = std::string(request.headers["Content-Type"])](const wire::Body_Stream::End& end) {
            if (end.complete) reply(status_response(api.response(id, std::move(*payload), type)));
        });
}

void handle(services::Runtime_Api& api, wire::Request request, const services::Reply& reply) {
    const std::string path(request.path());
    if (request.method == "GET" && path == std::string(invocation) + "next") {
        return api.next([reply](const services::Next_Event& event) { reply(event_response(event)); });
    }
    if (request.method == "POST" && path == init_error) {
        return reply(status_response(api.init_error(
            std::move(request.body.bytes), std::string(request.headers["Lambda-Runtime-Function-Error-Type"]))));
    }
    if (request.method == "POST" && path.starts_with(invocation)) {
        const std::size_t slash = path.find('/', invocation.size());
        const std::string id = path.substr(invocation.size(), slash - invocation.size());
        const std::string_view kind =
            slash == std::string::npos ? std::string_view{} : std::string_view(path).substr(slash + 1);
        const bool streams = request.headers["Lambda-Runtime-Function-Response-Mode"] == "streaming";
        if (kind == "response" && request.body.stream && !streams) return buffer_response(api, id, request, reply);
        if (kind == "response" && request.body.stream) {
            return api.response_stream(id, request.body.stream, std::string(request.headers["Content-Type"]),
                                       [reply](const Result<void>& result) { reply(status_response(result)); });
        }
        if (kind == "response") {
            return reply(status_response(
                api.response(id, std::move(request.body.bytes), std::string(request.headers["Content-Type"]))));
        }
        if (kind == "error") {
            return reply(
                status_response(api.error(id, std::move(request.body.bytes),
                                          std::string(request.headers["Lambda-Runtime-Function-Error-Type"]))));
        }
    }
    reply(error_response({"NotFound", fmt::format("the Runtime API has no {} {}", request.method, path), 404}));
}

/// An endpoint that accepts all connections.
class Endpoint final : public services::Runtime_Endpoint {
public:
    explicit Endpoint(std::unique_ptr<Http_Server> server) : server_(std::move(server)) {}
    std::string address() const override { return fmt::format("127.0.0.1:{}", server_->port()); }
    void accept(std::function<bool(int)>) override {}

private:
    std::unique_ptr<Http_Server> server_;
};

Http_Server::Handler handler_of(services::Runtime_Api& api) {
    return [&api](wire::Request request, const services::Reply& reply) { handle(api, std::move(request), reply); };
}

// Long timeouts: a runtime waits in `next` until the next invoke, and its response may take as long as its timeout
// allows.
const Http_Limits limits{.join_pipelined_responses = true,
                         .stream_marked_bodies = true,
                         .streams_body = [](const wire::Request& head) { return head.path().ends_with("/response"); },
                         .body_bytes_max = buffered_bytes_max,
                         .request_max = std::chrono::hours(1),
                         .idle_max = std::chrono::hours(24 * 365),
                         .connections_max = runtime_connections_max};

/// An endpoint on the network of the host, where every process can connect.
class Shared_Endpoint final : public services::Runtime_Endpoint {
public:
    Shared_Endpoint(Asio_Loop& loop, services::Runtime_Api& api, base::Unique_Fd listener, std::uint16_t port)
        : loop_(loop), api_(api), listener_(std::move(listener)), port_(port) {}
    std::string address() const override { return fmt::format("127.0.0.1:{}", port_); }
    void accept(std::function<bool(int)> accepts) override {
        Http_Limits own = limits;
        own.accepts_peer = std::move(accepts);
        server_ = Http_Server::adopt(loop_, listener_.release(), handler_of(api_), std::move(own)).value();
    }

private:
    Asio_Loop& loop_;
    services::Runtime_Api& api_;
    base::Unique_Fd listener_;
    std::uint16_t port_;
    std::unique_ptr<Http_Server> server_;
};

Result<std::unique_ptr<services::Runtime_Endpoint>> endpoint_of(Result<std::unique_ptr<Http_Server>> server) {
    if (!server) return server.error();
    return std::unique_ptr<services::Runtime_Endpoint>(std::make_unique<Endpoint>(std::move(*server)));
}

}  // namespace

Result<std::unique_ptr<services::Runtime_Endpoint>> Http_Runtime_Endpoints::open(services::Runtime_Api& api) {
    auto listener = Http_Server::bind_tcp(0);
    if (!listener) return listener.error();
    const std::uint16_t port = Http_Server::port_of(listener->fd());
    return std::unique_ptr<services::Runtime_Endpoint>(
        std::make_unique<Shared_Endpoint>(loop_, api, std::move(*listener), port));
}

Result<std::unique_ptr<services::Runtime_Endpoint>> Http_Runtime_Endpoints::adopt(int listening_fd,
                                                                                  services::Runtime_Api& api) {
    return endpoint_of(Http_Server::adopt(loop_, listening_fd, handler_of(api), limits));
}

Result<std::unique_ptr<services::Runtime_Endpoint>> Http_Runtime_Endpoints::adopt_engine(int listening_fd) {
    return endpoint_of(Http_Server::adopt(loop_, listening_fd, engine_handler_, engine_limits_));
}

}  // namespace osbot_aws::http

#include "http/runtime_endpoint.hpp"

#include <fmt/format.h>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "http/http_server.hpp"
#include "http/listening_socket.hpp"
#include "http/loopback_post.hpp"
#include "http/open_file_shares.hpp"
#include "wire/body_stream.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::http {
namespace {

constexpr std::string_view invocation = "/2018-06-01/runtime/invocation/";
constexpr std::string_view init_error_path = "/2018-06-01/runtime/init/error";
constexpr std::string_view restore_next_path = "/2018-06-01/runtime/restore/next";
constexpr std::string_view restore_error_path = "/2018-06-01/runtime/restore/error";
constexpr std::string_view extension_prefixes[] = {"/2020-01-01/extension/", "/2022-07-01/telemetry",
                                                   "/2020-08-15/logs"};

// Larger than the limit of 6 MB for a response, so that the environment can return Lambda's ResponseSizeTooLarge error.
constexpr std::uint64_t buffered_bytes_max = 8ull << 20;

wire::Response json_response(int status, std::string body) {
    return {status, {{"Content-Type", "application/json"}}, std::move(body)};
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
         {"Lambda-Runtime-Invoked-Function-Arn", event.function_arn},
         {"Lambda-Runtime-Trace-Id", event.trace_id}},
        {}};
    if (!event.client_context.empty()) response.headers.add("Lambda-Runtime-Client-Context", event.client_context);
    if (!event.tenant_id.empty()) response.headers.add("Lambda-Runtime-Aws-Tenant-Id", event.tenant_id);
    if (!event.cognito_identity.empty())
        response.headers.add("Lambda-Runtime-Cognito-Identity", event.cognito_identity);
    response.body = event.payload;
    return response;
}

/// Buffers a response that the function does not stream. Bytes above buffered_bytes_max are dropped: the environment
/// rejects such a response by its size.
void buffer_response(services::Runtime_Api& api, const std::string& id, const wire::Request& request,
                     const services::Reply& reply) {
    auto payload = std::make_shared<std::string>();
    request.body.stream()->read(
        [payload](std::string_view piece) {
            if (payload->size() < buffered_bytes_max) payload->append(piece);
        },
        [&api, id, payload, reply,
         type = std::string(request.headers["Content-Type"])](const wire::Body_Stream::End& end) {
            if (end.complete) reply(status_response(api.response(id, std::move(*payload), type)));
        });
}

enum class Runtime_Call { next, response, error, init_error, restore_next, restore_error, extension, unknown };

/// A call of the Runtime API, and the ID of the request that it is about.
struct Runtime_Route {
    Runtime_Call call = Runtime_Call::unknown;
    std::string id = {};
};

Runtime_Route route_of(const wire::Request& head) {
    std::string_view path = head.path();
    const bool posts = head.method == "POST";
    if (posts && path == init_error_path) return {Runtime_Call::init_error};
    if (posts && path == restore_error_path) return {Runtime_Call::restore_error};
    if (head.method == "GET" && path == restore_next_path) return {Runtime_Call::restore_next};
    for (const std::string_view prefix : extension_prefixes)
        if (path.starts_with(prefix)) return {Runtime_Call::extension};
    if (!base::take_prefix(path, invocation)) return {};
    if (head.method == "GET" && path == "next") return {Runtime_Call::next};
    const std::string_view id = base::take_until(path, '/');
    if (posts && path == "response") return {Runtime_Call::response, std::string(id)};
    if (posts && path == "error") return {Runtime_Call::error, std::string(id)};
    return {};
}

/// Returns true if the runtime streams its response. Some do so without this field, such as that of Go.
bool is_streamed(const wire::Request& head) {
    return head.headers["Lambda-Runtime-Function-Response-Mode"] == "streaming";
}

class Runtime_Request final : public Routed_Request {
public:
    Runtime_Request(services::Runtime_Api& api, const wire::Request& head) : api_(api), route_(route_of(head)) {
        if (route_.call != Runtime_Call::response) return;
        mode_ = is_streamed(head) || api.streams(route_.id) ? Body_Mode::streamed : Body_Mode::streamed_if_large;
    }
    Body_Mode body_mode() const override { return mode_; }

    void handle(wire::Request request, services::Reply reply) override {
        const std::string error_type(request.headers["Lambda-Runtime-Function-Error-Type"]);
        switch (route_.call) {
            case Runtime_Call::next:
                return api_.next([reply](const services::Next_Event& event) { reply(event_response(event)); });
            case Runtime_Call::response:
                return take_response(std::move(request), reply);
            case Runtime_Call::error:
                return reply(status_response(api_.error(route_.id, request.body.take(), error_type)));
            case Runtime_Call::init_error:
                return reply(status_response(api_.init_error(request.body.take(), error_type)));
            case Runtime_Call::restore_next:
                return wait_for_restore(reply);
            case Runtime_Call::restore_error:
                return reply(status_response(api_.restore_error(error_type)));
            case Runtime_Call::extension:
                return api_.extension_request(std::move(request), reply);
            case Runtime_Call::unknown:
                break;
        }
        reply(error_response(
            {"NotFound", fmt::format("the Runtime API has no {} {}", request.method, request.path()), 404}));
    }

private:
    void take_response(wire::Request request, const services::Reply& reply) {
        const auto stream = request.body.stream();
        const std::string type(request.headers["Content-Type"]);
        if (stream && mode_ != Body_Mode::streamed) return buffer_response(api_, route_.id, request, reply);
        if (!stream) return reply(status_response(api_.response(route_.id, request.body.take(), type)));
        api_.response_stream(route_.id, stream, type,
                             [reply](const Result<void>& result) { reply(status_response(result)); });
    }

    void wait_for_restore(const services::Reply& reply) {
        const auto waits = api_.restore_next([reply] { reply(json_response(200, "{}")); });
        if (!waits) reply(error_response(waits.error()));
    }

    services::Runtime_Api& api_;
    const Runtime_Route route_;
    Body_Mode mode_ = Body_Mode::buffered;
};

Router router_of(services::Runtime_Api& api) {
    return [&api](const wire::Request& head) { return std::make_unique<Runtime_Request>(api, head); };
}

// Each may wait in its own `next`: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
constexpr std::size_t internal_extensions_max = 10;

// Long timeouts: a runtime waits in `next` until the next invoke, and its response may take as long as its timeout
// allows.
const Http_Limits limits{.join_pipelined_responses = true,
                         .body_bytes_max = buffered_bytes_max,
                         .request_max = std::chrono::hours(1),
                         .idle_max = std::chrono::hours(24 * 365),
                         .connections_max = runtime_connections_max + internal_extensions_max};

// One waits for the next event while another is used, as with the runtime.
constexpr std::size_t connections_per_extension = 2;

class Endpoint final : public services::Runtime_Endpoint {
public:
    Endpoint(Asio_Loop& loop, base::Unique_Fd listener, Router router, Http_Limits served)
        : loop_(loop),
          port_(port_of(listener.fd())),
          listener_(std::move(listener)),
          router_(std::move(router)),
          limits_(std::move(served)) {}
    std::string address() const override { return fmt::format("127.0.0.1:{}", port_); }
    void accept(std::function<bool(int)> accepts, std::size_t extensions) override {
        if (server_) return;  // an endpoint of adopt()
        limits_.connections_max += extensions * connections_per_extension;
        limits_.accepts_peer = std::move(accepts);
        server_ = Http_Server::adopt(loop_, listener_.release(), std::move(router_), std::move(limits_));
    }

private:
    Asio_Loop& loop_;
    const std::uint16_t port_;
    base::Unique_Fd listener_;
    Router router_;
    Http_Limits limits_;
    std::unique_ptr<Http_Server> server_;
};

}  // namespace

Result<std::unique_ptr<services::Runtime_Endpoint>> Http_Runtime_Endpoints::open(services::Runtime_Api& api) {
    OSBOT_TRY(auto listener, listen_on_tcp(0));
    return std::unique_ptr<services::Runtime_Endpoint>(
        std::make_unique<Endpoint>(loop_, std::move(listener), router_of(api), limits));
}

Result<std::unique_ptr<services::Runtime_Endpoint>> Http_Runtime_Endpoints::adopt(int listening_fd,
                                                                                  services::Runtime_Api& api,
                                                                                  std::size_t extensions) {
    Http_Limits extended = limits;
    extended.connections_max += extensions * connections_per_extension;
    return serve(listening_fd, router_of(api), std::move(extended));
}

void Http_Runtime_Endpoints::post(std::uint16_t port, const std::string& path, std::string body,
                                  std::function<void(bool)> done) {
    post_to_loopback(loop_, port, path, std::move(body), std::move(done));
}

Result<std::unique_ptr<services::Runtime_Endpoint>> Http_Runtime_Endpoints::adopt_engine(int listening_fd) {
    return serve(listening_fd, engine_router_, engine_limits_);
}

std::unique_ptr<services::Runtime_Endpoint> Http_Runtime_Endpoints::serve(int listening_fd, Router router,
                                                                          Http_Limits served) {
    auto endpoint =
        std::make_unique<Endpoint>(loop_, base::Unique_Fd(listening_fd), std::move(router), std::move(served));
    endpoint->accept(nullptr, 0);
    return endpoint;
}

}  // namespace osbot_aws::http

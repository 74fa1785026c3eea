#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "services/service_api.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::services {

/// The response of GET /runtime/invocation/next.
struct Next_Event {
    std::string request_id;
    std::string function_arn;
    std::int64_t deadline_ms = 0;  ///< Unix time
    std::string trace_id;          ///< of X-Ray
    std::string client_context;    ///< JSON; empty: no header
    std::string cognito_identity;  ///< JSON; empty: no header
    std::string payload;
    std::string tenant_id = {};  ///< empty: no header
};

/// The Runtime API of an environment: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
/// The environment implements it. The server's Runtime API endpoint calls it on the loop thread.
class Runtime_Api {
public:
    virtual ~Runtime_Api() = default;
    /// Calls `on_event` with the next event. This happens immediately, later, or never if the environment ends first.
    virtual void next(std::function<void(const Next_Event&)> on_event) = 0;
    /// Accepts the response. Errors: InvalidRequestID (400), RequestEntityTooLarge (413); the endpoint converts them to
    /// the JSON of the API.
    virtual Result<void> response(const std::string& request_id, std::string payload, std::string content_type) = 0;
    /// Returns true if the caller of this event reads its response as a stream, also that of a runtime that buffers.
    virtual bool streams(const std::string& request_id) const = 0;
    /// Accepts a streamed response and calls `done` when it is complete. Errors as response().
    virtual void response_stream(const std::string& request_id, std::shared_ptr<wire::Body_Stream> body,
                                 std::string content_type, std::function<void(const Result<void>&)> done) = 0;
    virtual Result<void> error(const std::string& request_id, std::string payload, std::string error_type) = 0;
    virtual Result<void> init_error(std::string payload, std::string error_type) = 0;
    /// With SnapStart, ends the init, and calls `on_restored` when the runtime shall run its hooks for the first event.
    /// Errors: NotFound (404) without SnapStart, InvalidStateTransition (403) after the init.
    /// Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html
    virtual Result<void> restore_next(std::function<void()> on_restored) = 0;
    /// The hooks failed. Errors: InvalidStateTransition (403).
    virtual Result<void> restore_error(std::string error_type) = 0;
    /// Responds to a request of the Extensions, Telemetry or Logs API, by its path.
    virtual void extension_request(wire::Request request, Reply reply) = 0;
};

/// An open Runtime API endpoint; closed when destroyed.
class Runtime_Endpoint {
public:
    virtual ~Runtime_Endpoint() = default;
    virtual std::string address() const = 0;  ///< host:port, for AWS_LAMBDA_RUNTIME_API
    /// Accepts the connections of an endpoint of open() for which `accepts` returns true; null accepts all. It is
    /// called on a worker. Earlier connections wait. Called once, before any request.
    /// `extensions`: the number of external extensions, which have connections of their own.
    virtual void accept(std::function<bool(int connected_fd)> accepts, std::size_t extensions) = 0;
};

/// Opens Runtime API endpoints. The server implements it, because the engine itself has no sockets.
class Runtime_Endpoints {
public:
    virtual ~Runtime_Endpoints() = default;
    /// Opens an endpoint on 127.0.0.1 and a free port; see Runtime_Endpoint::accept(). `api` must outlive the endpoint.
    virtual Result<std::unique_ptr<Runtime_Endpoint>> open(Runtime_Api& api) = 0;
    /// Opens an endpoint on a listening socket inside the network of a sandbox, and accepts all its connections. Takes
    /// ownership of the fd.
    virtual Result<std::unique_ptr<Runtime_Endpoint>> adopt(int listening_fd, Runtime_Api& api,
                                                            std::size_t extensions) = 0;
    /// Sends a POST to a port of 127.0.0.1, where an extension listens. `done` is called on the loop.
    virtual void post(std::uint16_t port, const std::string& path, std::string body,
                      std::function<void(bool delivered)> done) = 0;
    /// Serves the engine's API, the target of AWS_ENDPOINT_URL, on such a socket. Takes ownership of the fd.
    virtual Result<std::unique_ptr<Runtime_Endpoint>> adopt_engine(int listening_fd) = 0;
};

}  // namespace osbot_aws::services

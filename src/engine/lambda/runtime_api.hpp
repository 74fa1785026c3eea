#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::engine {

/// What GET /runtime/invocation/next answers.
struct Next_Event {
    std::string request_id;
    std::string function_arn;
    std::int64_t deadline_ms = 0;  ///< Unix time
    std::string trace_id;
    std::string client_context;    ///< JSON, empty: no header
    std::string cognito_identity;  ///< JSON, empty: no header
    std::string payload;
};

/// What a runtime process asks of its environment: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
/// The environment implements it; the server's Runtime API endpoint calls it, on the loop.
class Runtime_Api {
public:
    virtual ~Runtime_Api() = default;
    /// Answers when there is an event: now, or much later; never when the environment ends first.
    virtual void next(std::function<void(const Next_Event&)> answer) = 0;
    /// Errors: InvalidRequestID (400), RequestEntityTooLarge (413); the endpoint turns them into the API's JSON.
    virtual Result<void> response(const std::string& request_id, std::string payload, std::string content_type) = 0;
    /// A response that comes in pieces; `done` when all of it has come. Errors as response().
    virtual void response_stream(const std::string& request_id, std::shared_ptr<wire::Body_Stream> body,
                                 std::string content_type, std::function<void(const Result<void>&)> done) = 0;
    virtual Result<void> error(const std::string& request_id, std::string payload, std::string error_type) = 0;
    virtual Result<void> init_error(std::string payload, std::string error_type) = 0;
};

/// An open Runtime API endpoint; closed when destroyed.
class Runtime_Endpoint {
public:
    virtual ~Runtime_Endpoint() = default;
    virtual std::string address() const = 0;  ///< host:port, for AWS_LAMBDA_RUNTIME_API
};

/// Opens Runtime API endpoints: the engine's way to sockets, which only the server has.
class Runtime_Endpoints {
public:
    virtual ~Runtime_Endpoints() = default;
    /// On 127.0.0.1 and a free port. `api` outlives the endpoint.
    virtual Result<std::unique_ptr<Runtime_Endpoint>> open(Runtime_Api& api) = 0;
    /// The same on a socket that listens already (inside a sandbox's network); takes the fd over.
    virtual Result<std::unique_ptr<Runtime_Endpoint>> adopt(int listening_fd, Runtime_Api& api) = 0;
    /// The engine itself, as functions reach it by AWS_ENDPOINT_URL, on such a socket; takes the fd over.
    virtual Result<std::unique_ptr<Runtime_Endpoint>> adopt_engine(int listening_fd) = 0;
};

}  // namespace osbot_aws::engine

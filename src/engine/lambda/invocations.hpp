#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "engine/lambda/debugging.hpp"
#include "engine/lambda/function.hpp"
#include "engine/lambda/runtime_api.hpp"
#include "sandbox/sandbox.hpp"

namespace osbot_aws::engine {

struct Invoke_Request {
    Function_Ptr function;
    std::string invoked_arn;     ///< with the qualifier that was asked for
    std::string payload;         ///< JSON, opaque here (the API checked it); empty counts as {}
    std::string client_context;  ///< JSON, decoded
    std::string trace_id;
    bool log_tail = false;
    bool streaming = false;  ///< the result may be a stream, as soon as the function begins to answer
};

struct Invoke_Result {
    std::string payload;
    std::string function_error;  ///< "" or Unhandled
    std::string log_tail;        ///< last 4 KB of the log, not encoded
    std::string request_id;
    /// Of a streaming invoke whose function answers in pieces; the others above, but request_id, then come with its
    /// end, as trailers: ErrorCode, ErrorDetails (the payload of an error), LogResult (not encoded).
    std::shared_ptr<wire::Body_Stream> stream = {};
    std::string content_type = {};
};

struct Invocation_Options {
    bool own_network =
        false;  ///< each environment has a network of its own: the Runtime API and this engine, nothing else
    bool strict_runtimes = false;        ///< refuse a Python of another minor version
    std::chrono::seconds idle_max{600};  ///< an idle environment is ended after this
    int concurrency_max = 100;           ///< environments at once, all functions together; past it: 429
    std::filesystem::path work_folder;   ///< for unpacked code, runtime files and stand-in /tmp folders
    std::optional<Debug_Target> debug = std::nullopt;
    /// The version as it is now, for events that waited; nullptr when it is gone.
    std::function<Function_Ptr(const Account&, const std::string& name, const std::string& version)> find_function;
};

/// Where code comes from: blobs of zips, unpacked once per SHA-256, shared read-only.
class Code_Folders;
class Images;
class Logs;

/// Runs functions: finds an idle environment of the version or starts one, one event at a time each.
/// Loop thread only.
class Invocations {
public:
    virtual ~Invocations() = default;
    using Done = std::function<void(Result<Invoke_Result>)>;

    /// RequestResponse. Errors: TooManyRequestsException (429), ServiceException (502 family) when no environment can
    /// be made, InvalidRuntimeException. A failing handler is a result with function_error, not an Error.
    virtual void invoke(Invoke_Request request, Done done) = 0;

    /// Event: kept in the store's queue before it answers (the id); up to two retries, one and two minutes later, and
    /// none after six hours, as AWS. A restart of the engine changes neither.
    virtual std::string enqueue(Invoke_Request request) = 0;

    /// This version was changed or deleted (empty: all of the function's): idle environments of it end, busy ones after
    /// their event.
    virtual void retire(const Account& account, const std::string& function_name, const std::string& version = "") = 0;
    /// Everything ends now (reset, shutdown).
    virtual void stop_all() = 0;

    /// The environments of one version of a function.
    struct Count {
        Function_Ptr function;
        std::size_t idle = 0, busy = 0;
        std::uint64_t memory_bytes = 0;  ///< of all of them, now: some reads in /proc each
    };
    virtual std::vector<Count> counts() const = 0;
    /// For /_osbot/health and `local status`.
    virtual std::size_t environments() const = 0;
    virtual std::size_t queued() const = 0;
};

/// Makes the real ones. All references outlive the result.
std::unique_ptr<Invocations> make_invocations(Context& context, sandbox::Sandbox& sandbox, Runtime_Endpoints& endpoints,
                                              Code_Folders& code, Images& images, Logs& logs,
                                              Invocation_Options options);

}  // namespace osbot_aws::engine

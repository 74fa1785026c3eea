#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sandbox/sandbox.hpp"
#include "services/lambda/function.hpp"
#include "services/lambda/running/concurrency.hpp"
#include "services/lambda/running/debugging.hpp"
#include "services/lambda/running/runtime_api.hpp"
#include "services/lambda/running/runtime_support.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// The limit of the payload of an event.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint64_t event_bytes_max = 1'048'576;

struct Invoke_Request {
    Function_Ptr function;
    std::string invoked_arn;     ///< with the qualifier of the request
    std::string payload;         ///< JSON, already checked by the API; empty means {}
    std::string client_context;  ///< JSON, decoded
    std::string trace_id;
    bool log_tail = false;
    bool streaming = false;  ///< the result may be a stream, returned when the response starts
    int hops = 0;            ///< Queued_Event::hops
    std::string tenant_id = {};
};

struct Invoke_Result {
    std::string payload;
    std::string function_error;  ///< "" or Unhandled
    std::string log_tail;        ///< last 4 KB of the log, not encoded
    std::string request_id;
    /// The response of a streaming invoke, if the function streams it. The members above, except request_id, are then
    /// empty, and the end of the stream has trailers: ErrorCode, ErrorDetails (the payload of an error), LogResult (not
    /// encoded).
    std::shared_ptr<wire::Body_Stream> stream = {};
    std::string content_type = {};
};

/// An event of the queue, with the data to find its function after a restart.
struct Queued_Event {
    Account account;
    std::string function, version, invoked_arn, payload, client_context;
    base::Time accepted_at{}, not_before{};
    int attempts = 0;
    int hops = 0;  ///< the functions before this one in a chain of destinations
    std::string trace_id = {}, tenant_id = {};
};

/// How often and how long an event is retried. These are the defaults of AWS.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
struct Event_Limits {
    int retries_max = 2;
    std::chrono::seconds age_max = std::chrono::hours{6};
};

/// An event that was processed, or that is not attempted again.
struct Finished_Event {
    const std::string& id;
    const Queued_Event& event;
    const Function& function;               ///< the version that ran
    std::string_view condition;             ///< Success RetriesExhausted EventAgeExceeded ZeroReservedConcurrency
    const Invoke_Result* result = nullptr;  ///< of the last attempt; nullptr if the function did not run
};

/// Returns the current version of a function; nullptr if it no longer exists.
using Find_Function = std::function<Function_Ptr(const Account&, const std::string& name, const std::string& version)>;

struct Invocation_Options {
    /// Each environment has its own network, which reaches only the Runtime API and this engine.
    bool own_network = false;
    std::shared_ptr<Runtime_Support> runtime_support = nullptr;  ///< nullptr: none
    bool strict_runtimes = false;                                ///< reject a Python of another minor version
    bool shared_memory = false;                                  ///< functions have a /dev/shm
    bool freeze = true;                                          ///< stop idle environments, if the host has a freezer
    std::chrono::seconds idle_max{600};                          ///< idle time after which an environment is stopped
    /// Maximum number of environments of all functions, and of concurrent events of an account and region. Above it:
    /// 429.
    int concurrency_max = account_concurrency_max;
    std::filesystem::path work_folder;  ///< for runtime clients, /tmp folders and debugger files
    std::optional<Debug_Target> debug = std::nullopt;
    Find_Function find_function;  ///< for queued events
    std::function<Event_Limits(const Queued_Event&)> event_limits = [](const Queued_Event&) { return Event_Limits{}; };
    /// Takes each event that is finished. The event remains in the store until `done` is called, once. The references
    /// are valid during the call.
    std::function<void(const Finished_Event&, std::function<void()> done)> event_finished =
        [](const Finished_Event&, const std::function<void()>& done) { done(); };
    int event_speed = 1;  ///< divides the waiting times and the maximum ages of queued events
    /// Returns the sum of the reserved and the provisioned concurrency of the account's functions.
    std::function<int(const Account&)> reserved_concurrency = [](const Account&) { return 0; };
};

class Code_Folders;
class Images;
class Logs;

/// The parts of the engine that functions run with. They must outlive the Invocations.
struct Invocation_Parts {
    Context& context;
    sandbox::Sandbox& sandbox;
    Runtime_Endpoints& endpoints;
    Code_Folders& code;
    Images& images;
    Logs& logs;
};

/// Runs functions. Uses an idle environment of the version or starts one. An environment runs one event at a time.
/// Loop thread only.
class Invocations : public State {
public:
    using Done = std::function<void(Result<Invoke_Result>)>;

    /// Invokes synchronously (RequestResponse). Errors: TooManyRequestsException (429), ServiceException (500) if no
    /// environment can be started or it stops before the response. A failed handler is a result with function_error,
    /// not an Error.
    virtual void invoke(Invoke_Request request, Done done) = 0;

    /// Returns true if a throttled event of this function exceeded its reserved concurrency, not the account's limit.
    virtual bool reservation_is_used(const Function& function) const = 0;

    /// Invokes asynchronously (Event): stores the event and returns its id. As on AWS, up to two retries follow after
    /// one and two minutes, and none after six hours, unless Invocation_Options::event_limits differ. A restart of the
    /// engine does not change that.
    virtual std::string enqueue(Invoke_Request request) = 0;

    /// Keeps `count` environments of this version ready for events: starts those that are missing, now and whenever one
    /// ends. 0: its environments end when they are idle, as others do.
    virtual void provision(const Function_Ptr& function, std::size_t count) = 0;
    /// The state of the environments of a version that provision() named.
    struct Provisioned {
        std::size_t ready = 0;
        bool failed = false;  ///< an init failed; none is started until the next provision()
    };
    virtual Provisioned provisioned(const Function& function) const = 0;

    /// Stops the environments of a changed or deleted version (empty: all versions of the function): idle ones
    /// immediately, busy ones after their event.
    virtual void retire(const Account& account, const std::string& function_name, const std::string& version = "") = 0;
    /// Calls `done` when functions of this runtime can run: while they are Pending, packages of the runtime are
    /// installed. The call may be immediate.
    virtual void prepare(const std::string& runtime, std::function<void()> done) = 0;

    /// Loads the queue of asynchronous events. An event that this object already has keeps its attempts.
    void load() override = 0;
    /// Stops all environments immediately and clears the queue in memory (reset, shutdown).
    void clear() override = 0;
    /// As clear(), and prepares no runtime any more (shutdown).
    virtual void stop() { clear(); }

    /// The number of environments of one version of a function.
    struct Count {
        Function_Ptr function;
        std::size_t idle = 0, busy = 0;
        std::uint64_t memory_bytes = 0;  ///< current use of all environments; costs a few reads of /proc each
    };
    virtual std::vector<Count> counts() const = 0;
    /// Return the numbers of environments and queued events, for /_osbot/health and `local status`.
    virtual std::size_t environments() const = 0;
    virtual std::size_t queued() const = 0;

    /// Prepares a version with SnapStart: starts an environment, which runs its init, with the hooks before the
    /// snapshot, and waits for its first event. Calls `done` once: with the type of the error if the init failed, else
    /// with "". Not called if the engine stops the environment first (clear()). If no environment can be added, or the
    /// function is being debugged, the first event starts one.
    virtual void take_snapshot(const Function_Ptr& function,
                               std::function<void(const std::string& error_type)> done) = 0;
};

/// Creates the implementation that runs processes in the sandbox.
std::unique_ptr<Invocations> make_invocations(const Invocation_Parts& parts, Invocation_Options options);

}  // namespace osbot_aws::services

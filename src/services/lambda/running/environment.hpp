#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/lambda/running/environment_process.hpp"
#include "services/lambda/running/environment_state.hpp"
#include "services/lambda/running/extensions.hpp"
#include "services/lambda/running/process_output.hpp"
#include "services/lambda/running/telemetry.hpp"

namespace osbot_aws::services {

/// One event that an environment runs.
struct Invocation {
    Invoke_Request request;
    std::string request_id;
    Invocations::Done done;
    Concurrency::Lease lease = {};  ///< counts the event until its environment can run the next one
};

/// Executes one version of a function in a sandboxed process, one event at a time.
///
///     starting ----next----> idle ----run()----> busy ----response, error----> finishing ----> returning
///        |                  ^    ^                ^ ^                                           |   |
///        | init fails       |    +---- next ------|-|-------------------------------------------+   | run()
///        v                  |                     | |                                               v
///     restarting ----next---|---------------------+ +---------------------- next ------------- awaiting
///                           |                                                                       | 500 ms
///                           +---- next ------------------------------------------------- late <-----+
///
/// With SnapStart, the runtime of a published version requests /restore/next after its init. That is where AWS takes a
/// snapshot; here, this environment itself waits (`suspended`), without being copied. Its first event restores it
/// (`restoring`): the runtime gets its response, runs its hooks and requests the event.
///
///     starting ----restore/next----> suspended ----run()----> restoring ----next----> busy
///
/// Every state may become `ended`. While too much of the log is not written, an event that could run is `held` first. A
/// new environment may get its event while it starts. A runtime may ask for the next event before it responds; it is
/// idle afterwards. environment_state.hpp has the table of transitions.
///
/// `next` means that the runtime and all extensions have asked for the next event. Extensions get each event at the
/// same time as the runtime. If the environment has extensions, its processes run on for a moment after it has ended:
/// the runtime gets SIGTERM, then the extensions get SHUTDOWN.
///
/// A failed init is run once more, as on AWS: in a new process and within the timeout of the waiting event. The timeout
/// of an event continues until the runtime asks for the next one. The environment ends when its process exits, an event
/// times out, or init fails again. It then calls `on_ended` once. An event that no runtime has received (awaiting,
/// held) is returned with `on_returned`. Do not destroy the environment within these calls; post its destruction to the
/// loop. Loop thread only.
class Environment final : public Runtime_Api {
public:
    struct Callbacks {
        std::function<void()> on_free;   ///< it is idle: free()
        std::function<void()> on_ended;  ///< called once: it takes no event any more
        std::function<void()> on_gone;   ///< called once, after on_ended: its processes are killed
        std::function<void(Invocation)> on_returned;
    };
    Environment(Environment_Parts& parts, Function_Ptr function, Callbacks callbacks,
                Init_Type init_type = Init_Type::on_demand);
    ~Environment() override;

    /// Runs the event, after init if the process is still starting. Precondition: the
    /// environment is new, free() or returning().
    void run(Invocation event);
    /// Returns true if its runtime waits for an event, or to be restored for one.
    bool free() const { return state_ == Environment_State::idle || state_ == Environment_State::suspended; }
    /// Returns true if its runtime has responded and is expected to ask for the next event soon.
    bool returning() const { return state_ == Environment_State::returning; }
    static constexpr std::chrono::milliseconds next_wait_max{500};
    bool ended() const { return state_ == Environment_State::ended; }
    /// Returns the error type of its last init that failed; "" if none did.
    const std::string& init_failure() const { return init_failure_; }
    /// Returns true if the environment has run no event, or only events of this tenant.
    bool serves(std::string_view tenant_id) const { return !tenant_id_ || *tenant_id_ == tenant_id; }
    bool debugged() const { return parts_.is_debugged(*function_); }
    std::uint64_t memory_bytes() const { return process_ ? process_->sandboxed().memory_bytes() : 0; }
    base::Time free_since() const { return free_since_; }
    /// Stops the process. Its current event fails with ServiceException.
    void end();
    /// The same, without the time that its extensions have to shut down.
    void end_immediately();

    // Runtime_Api
    void next(std::function<void(const Next_Event&)> on_event) override;
    Result<void> response(const std::string& request_id, std::string payload, std::string content_type) override;
    bool streams(const std::string& request_id) const override { return runs(request_id) && event_->request.streaming; }
    void response_stream(const std::string& request_id, std::shared_ptr<wire::Body_Stream> body,
                         std::string content_type, std::function<void(const Result<void>&)> done) override;
    Result<void> error(const std::string& request_id, std::string payload, std::string error_type) override;
    Result<void> init_error(std::string payload, std::string error_type) override;
    Result<void> restore_next(std::function<void()> on_restored) override;
    Result<void> restore_error(std::string error_type) override;
    void extension_request(wire::Request request, Reply reply) override;

private:
    using State = Environment_State;
    using Steady = std::chrono::steady_clock;
    enum class After { wait_for_next, end };  ///< what follows an event
    struct Received {
        std::string bytes;  ///< buffered, unless the invoke streams
        std::uint64_t size = 0;
    };

    void enter(State next);
    void post(std::function<void()> task);

    void start();
    Result<void> launch(const std::vector<std::filesystem::path>& folders);
    void launched(Process_Start& work);
    Result<void> open_endpoints();
    void announce_debugger();
    void start_runtime();
    void start_failed(const Error& error, bool may_retry);
    bool init_again(std::string_view failure_type);
    void report_failed_init(std::string_view failure_type);
    void report_failed_provisioning(std::string_view failure_type);
    void process_ended();
    void runtime_ended(const sandbox::Exit& exit);
    void extension_failed(const Extension_Failure& failure);
    void end_with_failure(std::string_view type, const std::string& message, std::string_view reason);
    void subscribe(const wire::Request& request, const Reply& reply);
    void timed_out();
    void shut_down(const std::optional<Error>& cause = std::nullopt, std::string_view reason = "spindown");
    void begin_shutdown(std::string_view reason);
    void continue_shutdown(bool runtime_is_over);
    void finish_shutdown();

    bool is_initialising() const { return state_ == State::starting || state_ == State::restarting; }
    void proceed();
    void end_init();
    void become_free(State state);
    void runtime_initialised();
    void reject_snapshot();
    void restore();
    bool restore_failed(std::string_view failure_type);
    void deliver();
    void return_event();
    /// Returns true if the end of the process is the end of an event. Otherwise another process can run it.
    bool event_is_delivered() const { return event_ && state_ != State::held && state_ != State::awaiting; }
    bool runs(const std::string& request_id) const { return state_ == State::busy && event_->request_id == request_id; }
    void begin_stream(const std::weak_ptr<wire::Body_Stream>& body, std::string content_type);
    void receive(Received& received, std::string_view piece, wire::Body_Stream& source);
    Result<void> stream_ended(const std::string& request_id, std::string payload, const wire::Body_Stream::End& end);
    void fail(std::string_view type, const std::string& message, After after = After::end);
    void finish(std::string payload, bool failed, std::string_view error_type = {}, After after = After::wait_for_next);
    void wait_for_next();
    std::chrono::milliseconds init_time_max() const;
    std::chrono::milliseconds function_timeout() const;

    Environment_Parts& parts_;
    Function_Ptr function_;
    Callbacks callbacks_;
    const Init_Type init_type_;
    std::shared_ptr<const void> code_;  ///< keeps the unpacked folders
    Telemetry telemetry_;
    Extensions extensions_;
    Process_Output output_, extensions_output_;
    Platform_Log log_;
    std::unique_ptr<Runtime_Endpoint> endpoint_, engine_endpoint_;
    std::optional<Environment_Process> process_;

    State state_ = State::starting;
    std::optional<std::string> tenant_id_;  ///< of the first event
    std::optional<Invocation> event_;
    std::function<void(const Next_Event&)> on_event_;  ///< responds to a runtime that has asked for an event
    std::function<void()> on_restored_;                ///< responds to a runtime that waits to be restored
    bool restore_is_optional_ = true;                  ///< with SnapStart, the runtime need not wait to be restored
    bool restores_at_event_ = false;                   ///< it did not, so its first event restores it at once
    std::string init_failure_;
    std::shared_ptr<wire::Body_Stream> response_;      ///< to event_, if it is streamed
    std::weak_ptr<wire::Body_Stream> source_;          ///< of the bytes of response_
    base::Subscription_Ptr timeout_;                   ///< of the init, or of an event until the runtime asks again
    base::Subscription_Ptr wait_limit_;                ///< of awaiting
    Steady::time_point begin_ = Steady::now();         ///< of the init, or of event_
    std::optional<std::string_view> shutdown_reason_;  ///< until the extensions get SHUTDOWN
    base::Time shutdown_end_{};
    std::optional<std::int64_t> deadline_ms_;  ///< of event_, Unix time: when it is delivered, or init repeats
    base::Time free_since_ = parts_.context.now();
    std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< lets tasks detect the destruction
};

}  // namespace osbot_aws::services

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "base/files.hpp"
#include "sandbox/sandbox.hpp"
#include "services/images/images.hpp"
#include "services/lambda/function.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/lambda/running/concurrency.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/lambda/running/log_capture.hpp"
#include "services/lambda/running/runtime_api.hpp"
#include "services/lambda/running/runtimes.hpp"
#include "services/logs/logs.hpp"

namespace osbot_aws::services {

/// One event that an environment runs.
struct Invocation {
    Invoke_Request request;
    std::string request_id;
    Invocations::Done done;
    Concurrency::Lease lease = {};  ///< counts the event until its environment can run the next one
};

/// The resources that all execution environments share. They must outlive the environments.
struct Environment_Parts {
    Context& context;
    sandbox::Sandbox& sandbox;
    Runtime_Endpoints& endpoints;
    Code_Folders& code;
    Images& images;
    Logs& logs;
    Runtimes& runtimes;
    std::filesystem::path work_folder;
    bool own_network = false;
    std::optional<Debug_Target> debug = std::nullopt;
    std::size_t environments = 0;  ///< that exist now

    bool is_debugged(const Function& function) const { return debug && debug->function == function.name; }
};

/// One sandboxed process of one version of a function; runs one event at a time.
///
///     starting --next--> idle --run()--> busy --response or error--> returning --next--> idle ... --> ended
///
/// A returning environment has responded, but its runtime has not asked for the next event. An event that run() passes
/// to it waits for that, at most next_wait_max. If the runtime does not ask in time or exits, the event is returned
/// with `on_returned`, because no runtime received it. The timeout of an event continues until the runtime asks for the
/// next one.
///
/// A failed init is run once more, as on AWS: in a new process and within the timeout of the waiting event. The
/// environment ends when its process exits, an event times out, or init fails again. It then calls `on_ended` once.
/// Do not destroy the environment within that call; post its destruction to the loop. Loop thread only.
class Environment final : public Runtime_Api {
public:
    struct Callbacks {
        std::function<void()> on_free;   ///< it is idle: free()
        std::function<void()> on_ended;  ///< called once
        std::function<void(Invocation)> on_returned;
    };
    Environment(Environment_Parts& parts, Function_Ptr function, Callbacks callbacks);
    ~Environment() override;

    /// Runs the event, after init if the process is still starting. Precondition: the
    /// environment is new, free() or returning().
    void run(Invocation invocation);
    /// Returns true if its runtime waits for an event.
    bool free() const { return accepts_event() && pending_next_; }
    /// Returns true if its runtime has responded and is expected to ask for the next event soon.
    bool returning() const { return accepts_event() && next_expected_; }
    static constexpr std::chrono::milliseconds next_wait_max{500};
    bool ended() const { return ended_; }
    bool debugged() const { return parts_.is_debugged(*function_); }
    std::uint64_t memory_bytes() const { return process_ ? process_->memory_bytes() : 0; }
    base::Time free_since() const { return free_since_; }
    /// Stops the process. Its current event fails with ServiceException.
    void end();

    // Runtime_Api
    void next(std::function<void(const Next_Event&)> on_event) override;
    Result<void> response(const std::string& request_id, std::string payload, std::string content_type) override;
    void response_stream(const std::string& request_id, std::shared_ptr<wire::Body_Stream> body,
                         std::string content_type, std::function<void(const Result<void>&)> done) override;
    Result<void> error(const std::string& request_id, std::string payload, std::string error_type) override;
    Result<void> init_error(std::string payload, std::string error_type) override;

private:
    using Steady = std::chrono::steady_clock;

    enum class After_Failure { keep_running, end };

    bool accepts_event() const { return !ended_ && !ending_ && !current_; }
    /// Returns true if current_ waits for a runtime that served other events before.
    bool waiting_for_next() const { return current_ && initialised_ && !delivered_; }
    void return_event();
    void start();
    void launch(const std::vector<std::filesystem::path>& folders);
    void process_started(Result<std::unique_ptr<sandbox::Process>> process);
    Result<void> open_inside();
    bool init_again(std::string_view failure_type);
    void deliver();
    void deliver_if_ready();
    void timed_out();
    void process_ended();
    bool kernel_limits_use() const;
    void sample_memory_later();
    void sample_use();
    void sample_use_after(std::chrono::milliseconds interval);
    void begin_stream(const std::weak_ptr<wire::Body_Stream>& body, std::string content_type);
    Result<void> stream_ended(const std::string& request_id, std::string payload, const wire::Body_Stream::End& end);
    void finish(std::string payload, bool failed);
    void finish_with_error(std::string_view type, const std::string& message,
                           After_Failure after_failure = After_Failure::keep_running);
    void log_init_start();
    void report_failed_init();
    void log_start(const std::string& request_id);
    void log_failure(const std::string& message);
    std::chrono::seconds function_timeout() const {
        return debugged() ? debug_timeout : std::chrono::seconds(function_->timeout_s);
    }
    void announce_debugger();
    void report(const std::string& request_id, double duration_ms, bool failed);
    bool logs_json() const { return function_->log_format == "JSON"; }
    void log_record(std::string_view type, Json record);
    void watch_output();
    std::size_t drain_output();
    std::size_t drain_output(std::size_t waiting_bytes_max);
    void flush_log();
    void confirm_written();
    void log_written(std::size_t bytes);
    bool log_is_behind() const;
    void stop_process();
    void shut_down(const std::optional<Error>& cause = std::nullopt);
    std::int64_t now_ms() const;

    Environment_Parts& parts_;
    Function_Ptr function_;
    Callbacks callbacks_;
    std::shared_ptr<const void> code_, image_root_;  ///< keep the mounted folders until the process has exited
    std::string log_stream_;

    std::unique_ptr<Runtime_Endpoint> endpoint_, engine_endpoint_;
    std::string runtime_api_;  ///< host:port, as seen by the process
    std::unique_ptr<sandbox::Process> process_;
    base::Unique_Fd output_read_, output_write_;
    base::Subscription_Ptr output_watch_, output_pause_, exit_watch_, timeout_timer_, use_timer_, next_timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // lets callbacks of workers detect destruction

    std::optional<Invocation> current_;
    std::shared_ptr<wire::Body_Stream> outgoing_;  // the response of current_, if it is streamed
    bool delivered_ = false;                       // the process has received current_
    bool start_logged_ = false;                    // the START line of current_ was written
    bool next_expected_ = false;                   // the process has responded and not yet called next()
    bool ending_ = false;                          // no further event may be accepted
    bool restarting_ = false;                      // init failed, and the new process is not started yet
    bool ended_ = false, initialised_ = false, out_of_memory_ = false;
    bool sampled_rarely_ = false;  // use_timer_ has the interval of an idle environment
    std::function<void(const Next_Event&)> pending_next_;
    Log_Capture log_;
    std::size_t unwritten_log_bytes_ = 0;  // passed to the log, and not known to be written
    bool confirming_written_ = false;
    bool output_held_ = false;  // the output is not read until the log is written
    base::Time free_since_ = parts_.context.now();
    Steady::time_point started_at_{}, delivered_at_{};
    std::optional<std::int64_t> deadline_ms_;  // Unix time; also set before delivery, during a repeated init
    std::optional<double> init_ms_;
    std::string failure_type_;  // error type of current_, not of its handler: Sandbox.Timedout, Runtime.ExitError
    Steady::time_point memory_read_at_{};
    std::uint64_t memory_mb_ = 0;
};

}  // namespace osbot_aws::services

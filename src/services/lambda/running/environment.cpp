#include "services/lambda/running/environment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <csignal>
#include <cstring>
#include <limits>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "services/lambda/running/process_start.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t response_bytes_max = 6'291'556;
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
constexpr std::uint64_t stream_bytes_max = 209'715'200;
// Above this, the function waits until the client has received a part of its stream.
constexpr std::size_t unsent_bytes_max = 1 << 20;
constexpr std::chrono::seconds init_max{10};
// A sample takes about 0.1 ms of the loop. With many environments the samples become rare enough to take a fifth of it.
constexpr std::chrono::milliseconds use_sample_interval{50};
constexpr std::chrono::microseconds use_sample_interval_per_environment{500};
constexpr std::chrono::seconds idle_use_sample_interval{1};
constexpr std::chrono::seconds memory_read_interval{1};
constexpr std::uint64_t mib = 1 << 20;
constexpr std::string_view timed_out_type = "Sandbox.Timedout";
constexpr std::chrono::milliseconds output_pause{1};
constexpr std::size_t pipe_bytes = 65536;  // the capacity of a pipe on Linux
constexpr std::size_t read_bytes = 8192;   // one read; a line in memory is larger than in the pipe
// The memory that the log of one environment may take. Lines of a running event wait for its end up to the first limit.
// Then they are passed to the store. Above the second limit, the process is not read until the store has written them:
// it blocks when its pipe is full.
constexpr std::size_t waiting_log_bytes_max = mib / 4;
constexpr std::size_t unwritten_log_bytes_max = mib / 2;

/// 2026/11/23/[$LATEST]0123...
std::string new_log_stream(base::Time now, const std::string& version) {
    const std::string date = base::iso8601_z(now).substr(0, 10);
    return fmt::format("{}/{}/{}/[{}]{}", date.substr(0, 4), date.substr(5, 2), date.substr(8, 2), version,
                       base::random_hex(32));
}

/// "python3.11" -> "python:3.11", "nodejs22.x" -> "nodejs:22", "provided.al2023" -> "provided:al2023"
std::string runtime_version(const std::string& runtime) {
    if (runtime.starts_with("python")) return "python:" + runtime.substr(6);
    if (runtime.starts_with("nodejs")) return fmt::format("nodejs:{}", runtime.substr(6, runtime.rfind('.') - 6));
    if (runtime.starts_with("provided.")) return "provided:" + runtime.substr(9);
    return runtime;
}

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

std::string exit_message(const sandbox::Exit& exit) {
    if (exit.signal != 0) {
        const char* name = ::sigdescr_np(exit.signal);
        std::string text = name != nullptr ? name : std::to_string(exit.signal);
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
        return "Runtime exited with error: signal: " + text;
    }
    if (exit.status != 0) return fmt::format("Runtime exited with error: exit status {}", exit.status);
    return "Runtime exited without providing a reason";
}

// Not with <cmath>, whose functions would add libm to the zip of each program that is deployed.

/// Rounds a positive time to microseconds.
double to_microseconds(double ms) { return static_cast<double>(static_cast<std::int64_t>(ms * 1000 + 0.5)) / 1000; }

/// Rounds a positive time up, as for billing.
std::int64_t whole_ms(double ms) {
    const auto whole = static_cast<std::int64_t>(ms);
    return static_cast<double>(whole) < ms ? whole + 1 : whole;
}

}  // namespace

Environment::Environment(Environment_Parts& parts, Function_Ptr function, Callbacks callbacks)
    : parts_(parts),
      function_(std::move(function)),
      callbacks_(std::move(callbacks)),
      code_(parts.code.hold(zips_of(*function_))),
      log_stream_(new_log_stream(parts.context.now(), function_->version)) {
    log_init_start();
    start();
}

Environment::~Environment() {
    *alive_ = false;
    callbacks_ = {};
    shut_down();
}

std::int64_t Environment::now_ms() const { return base::unix_ms(parts_.context.now()); }

void Environment::start() {
    started_at_ = Steady::now();
    if (parts_.own_network) {
        runtime_api_ = fmt::format("127.0.0.1:{}", inner_runtime_api_port);  // opened by the sandbox inside its network
    } else if (auto endpoint = parts_.endpoints.open(*this)) {
        endpoint_ = std::move(*endpoint);
        runtime_api_ = endpoint_->address();
    } else {
        parts_.context.loop.post([this, alive = alive_, message = endpoint.error().message] {
            if (*alive) shut_down(Error{"ServiceException", message, 500});
        });
        return;
    }
    parts_.code.unpack_all(zips_of(*function_),
                           [this, alive = alive_](const Result<std::vector<std::filesystem::path>>& folders) {
                               if (!*alive || ended_) return;
                               if (!folders) return shut_down(folders.error());
                               launch(*folders);
                           });
}

void Environment::launch(const std::vector<std::filesystem::path>& folders) {
    Image_Ptr image;
    if (function_->is_image()) {
        image = parts_.images.find("sha256:" + function_->code_sha256_base64);
        if (!image)
            return shut_down(Error{"ServiceException",
                                   fmt::format("The image {} is no longer in the engine's store", function_->image_uri),
                                   500});
        image_root_ = image->root;
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return shut_down(Error{"ServiceException", fmt::format("cannot create a pipe: {}", std::strerror(errno)), 500});
    output_read_.reset(ends[0]);
    output_write_.reset(ends[1]);
    ::fcntl(ends[1], F_SETFL, 0);  // writes of the function block, as on a terminal or file

    auto work = std::make_shared<Process_Start>(Process_Start{.parts = parts_,
                                                              .function = function_,
                                                              .image = std::move(image),
                                                              .folders = folders,
                                                              .log_stream = log_stream_,
                                                              .runtime_api = runtime_api_,
                                                              .output = ends[1]});
    parts_.context.loop.run_blocking([work] { work->run(); },
                                     [this, alive = alive_, work] {
                                         if (!*alive || ended_) return;  // work->process stops it
                                         if (!work->launch) {
                                             const Error error = work->launch.error();
                                             if (current_)
                                                 finish_with_error(error.code, error.message, After_Failure::end);
                                             return shut_down(error);
                                         }
                                         if (!work->launch->warning.empty()) log_.line(work->launch->warning, now_ms());
                                         process_started(std::move(work->process));
                                     });
}

void Environment::process_started(Result<std::unique_ptr<sandbox::Process>> process) {
    output_write_.reset();
    if (!process) {
        // The error types of AWS's runtime interface emulator (its fatalerror package).
        const std::string_view type = process.error().code == "SandboxDirectoryFailed" ? "Runtime.InvalidWorkingDir"
                                                                                       : "Runtime.InvalidEntrypoint";
        if (init_again(type)) return;
        if (current_) finish_with_error(type, process.error().message, After_Failure::end);
        return shut_down(process.error());
    }
    process_ = std::move(*process);
    if (!parts_.own_network)
        endpoint_->accept(process_->peer_check());
    else if (auto opened = open_inside(); !opened)
        return shut_down(opened.error());
    watch_output();
    exit_watch_ = parts_.context.loop.when_readable(process_->exit_fd(), [this] { process_ended(); });
    sample_memory_later();
    if (!kernel_limits_use()) sample_use_after(use_sample_interval);
    if (debugged()) return announce_debugger();
    // The timer of a repeated init already runs: it has the remaining time of its event.
    if (!initialised_ && !deadline_ms_) timeout_timer_ = parts_.context.loop.after(init_max, [this] { timed_out(); });
}

/// Writes the instructions to attach a debugger to the engine's log (a terminal in this case) and the function's log.
void Environment::announce_debugger() {
    const std::string instructions = attach_instructions(*function_, *parts_.debug, process_->pid());
    base::log_info("{} waits for a debugger: {}", function_->name, instructions);
    log_.line("Waiting for a debugger: " + instructions, now_ms());
    flush_log();
}

/// Runs a failed init once more, in a new process, as part of the event and within its timeout. Returns false if no
/// event is waiting, or if this was the second attempt. Source:
/// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
bool Environment::init_again(std::string_view failure_type) {
    if (initialised_ || deadline_ms_ || !current_ || debugged()) return false;
    drain_output();
    failure_type_ = failure_type;
    report_failed_init();
    failure_type_.clear();
    stop_process();
    output_read_.reset();
    out_of_memory_ = false;
    restarting_ = true;
    deadline_ms_ = now_ms() + std::chrono::milliseconds(function_timeout()).count();
    timeout_timer_ = parts_.context.loop.after(function_timeout(), [this] { timed_out(); });
    // Deferred, because this call may come from the endpoint that is closed here.
    parts_.context.loop.post([this, alive = alive_] {
        if (!*alive || ended_) return;
        restarting_ = false;
        endpoint_.reset();
        engine_endpoint_.reset();
        start();
    });
    return true;
}

Result<void> Environment::open_inside() {
    const std::vector<int> sockets = process_->take_listeners();
    if (sockets.size() != 2)
        return Error{"ServiceException", "the sandbox did not open both listeners in its network", 500};
    auto runtime = parts_.endpoints.adopt(sockets[0], *this);
    auto engine = parts_.endpoints.adopt_engine(sockets[1]);
    if (!runtime) return runtime.error();
    if (!engine) return engine.error();
    endpoint_ = std::move(*runtime);
    engine_endpoint_ = std::move(*engine);
    return {};
}

void Environment::run(Invocation invocation) {
    assert(accepts_event() && (free() || returning() || !initialised_));
    current_ = std::move(invocation);
    if (std::exchange(next_expected_, false))
        next_timer_ = parts_.context.loop.after(next_wait_max, [this] { return_event(); });
    delivered_ = start_logged_ = false;
    log_.begin_tail();
    deliver_if_ready();
}

void Environment::next(std::function<void(const Next_Event&)> on_event) {
    if (restarting_) return;  // the calling process is being stopped
    const bool first = !std::exchange(initialised_, true);
    if (first && !deadline_ms_) init_ms_ = milliseconds_since(started_at_);
    if (!deadline_ms_) timeout_timer_.reset();                   // of the init, or of the previous event
    if (std::exchange(next_timer_, nullptr)) log_.begin_tail();  // without later output of the previous event
    next_expected_ = false;
    const bool repeated = std::exchange(pending_next_, std::move(on_event)) != nullptr;
    if (first) sample_memory_later();
    if (current_) return deliver_if_ready();
    free_since_ = parts_.context.now();
    if (free() && !repeated) callbacks_.on_free();
}

/// The runtime did not ask for the event in time. It is not used again until it does.
void Environment::return_event() {
    next_timer_.reset();
    Invocation undelivered = std::move(*current_);
    current_.reset();
    callbacks_.on_returned(std::move(undelivered));
}

void Environment::deliver_if_ready() {
    if (current_ && !delivered_ && pending_next_ && !log_is_behind()) deliver();
}

void Environment::deliver() {
    delivered_ = true;
    const Invoke_Request& request = current_->request;
    const bool init_repeated = deadline_ms_.has_value();  // the timeout then includes the repeated init
    delivered_at_ = init_repeated ? started_at_ : Steady::now();
    if (!init_repeated) deadline_ms_ = now_ms() + std::chrono::milliseconds(function_timeout()).count();
    // Deliver the event first, so that the function runs during the rest of this call.
    const auto on_event = std::exchange(pending_next_, nullptr);
    on_event({.request_id = current_->request_id,
              .function_arn = request.invoked_arn,
              .deadline_ms = *deadline_ms_,
              .trace_id = request.trace_id,
              .client_context = request.client_context,
              .cognito_identity = {},
              .payload = request.payload.empty() ? "{}" : request.payload});
    if (!current_) return;
    log_start(current_->request_id);
    if (!init_repeated) timeout_timer_ = parts_.context.loop.after(function_timeout(), [this] { timed_out(); });
    // The kernel counts /tmp as memory and Lambda does not, so the kernel's limit is only a last resort: the limit of
    // the function is enforced by sampling. One timer serves many short events; it stops at the first tick without an
    // event.
    if (!use_timer_ || sampled_rarely_) sample_use_after(use_sample_interval);
}

Result<void> Environment::response(const std::string& request_id, std::string payload, std::string) {
    if (!current_ || !delivered_ || current_->request_id != request_id) {
        return Error{"InvalidRequestID", "Invalid request ID", 400};
    }
    if (payload.size() > response_bytes_max) {
        finish_with_error(
            "Function.ResponseSizeTooLarge",
            fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).", response_bytes_max));
        return Error{"RequestEntityTooLarge",
                     fmt::format("Exceeded maximum allowed payload size ({} bytes).", response_bytes_max), 413};
    }
    finish(std::move(payload), false);
    return {};
}

void Environment::response_stream(const std::string& request_id, std::shared_ptr<wire::Body_Stream> body,
                                  std::string content_type, std::function<void(const Result<void>&)> done) {
    if (!current_ || !delivered_ || current_->request_id != request_id)
        return done(Error{"InvalidRequestID", "Invalid request ID", 400});
    if (current_->request.streaming) begin_stream(body, std::move(content_type));
    struct Received {
        std::string bytes;  // buffered, unless the invoke streams
        std::uint64_t size = 0;
    };
    auto received = std::make_shared<Received>();
    body->read(
        [this, alive = alive_, request_id, received, source = std::weak_ptr(body)](std::string_view piece) {
            if (!*alive || !current_ || current_->request_id != request_id) return;
            received->size += piece.size();
            if (!outgoing_) {
                if (received->bytes.size() <= response_bytes_max) received->bytes += piece;
            } else if (received->size <= stream_bytes_max) {
                outgoing_->write(piece);
                if (outgoing_->unsent() > unsent_bytes_max && !outgoing_->abandoned()) source.lock()->pause();
            } else {
                finish_with_error("Function.ResponseSizeTooLarge",
                                  fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).",
                                              stream_bytes_max));
            }
        },
        [this, alive = alive_, request_id, received, done = std::move(done)](const wire::Body_Stream::End& end) {
            if (!*alive || !end.complete) return;  // aborted; the exit of the process reports the failure
            done(stream_ended(request_id, std::move(received->bytes), end));
        });
}

/// Returns the response to the caller now. Errors and the log tail follow in the trailers of the stream.
void Environment::begin_stream(const std::weak_ptr<wire::Body_Stream>& body, std::string content_type) {
    outgoing_ = std::make_shared<wire::Body_Stream>();
    outgoing_->on_demand([body] {
        if (const auto source = body.lock()) source->resume();
    });
    Invoke_Result first_result{.payload = {}, .function_error = {}, .log_tail = {}, .request_id = current_->request_id};
    first_result.stream = outgoing_;
    first_result.content_type = std::move(content_type);
    const auto first = std::exchange(current_->done, [stream = outgoing_](Result<Invoke_Result> result) {
        wire::Body_Stream::End end;
        if (!result) {
            end.complete = false;
            end.trailers = {{"ErrorCode", result.error().code}, {"ErrorDetails", result.error().message}};
        } else {
            if (!result->function_error.empty())
                end.trailers = {{"ErrorCode", result->function_error}, {"ErrorDetails", result->payload}};
            end.complete = result->function_error.empty();
            if (!result->log_tail.empty()) end.trailers.add("LogResult", result->log_tail);
        }
        stream->end(std::move(end));
    });
    first(std::move(first_result));
}

Result<void> Environment::stream_ended(const std::string& request_id, std::string payload,
                                       const wire::Body_Stream::End& end) {
    const std::string_view type = end.trailers["Lambda-Runtime-Function-Error-Type"];
    if (!type.empty()) {
        auto body = base::base64_decode(end.trailers["Lambda-Runtime-Function-Error-Body"]);
        return error(request_id, std::move(body).value_or("{}"), std::string(type));
    }
    return response(request_id, std::move(payload), "");
}

Result<void> Environment::error(const std::string& request_id, std::string payload, std::string) {
    if (!current_ || !delivered_ || current_->request_id != request_id) {
        return Error{"InvalidRequestID", "Invalid request ID", 400};
    }
    finish(std::move(payload), true);
    return {};
}

Result<void> Environment::init_error(std::string payload, std::string error_type) {
    if (initialised_ || restarting_) return Error{"InvalidStateTransition", "The runtime is already initialised", 403};
    if (error_type.empty()) error_type = "Runtime.Unknown";
    if (init_again(error_type)) return {};
    ending_ = true;
    drain_output();
    failure_type_ = std::move(error_type);
    report_failed_init();
    if (current_) finish(std::move(payload), true);
    // The process exits after this call. Until then, ending_ keeps events away from it.
    parts_.context.loop.post([this, alive = alive_] {
        if (*alive) shut_down();
    });
    return {};
}

void Environment::timed_out() {
    if (init_again(timed_out_type)) return;
    if (current_ && !waiting_for_next()) {
        finish_with_error(timed_out_type,
                          fmt::format("RequestId: {} Error: Task timed out after {}.00 seconds", current_->request_id,
                                      function_->timeout_s),
                          After_Failure::end);
    }
    shut_down();
}

void Environment::process_ended() {
    const auto exit = process_->exit();
    if (!exit) return;
    drain_output();
    out_of_memory_ = out_of_memory_ || exit->out_of_memory;
    const std::string_view type = out_of_memory_ ? "Runtime.OutOfMemory" : "Runtime.ExitError";
    if (init_again(type)) return;
    if (current_ && !waiting_for_next()) {
        const std::string reason = out_of_memory_ ? "Runtime exited with error: signal: killed" : exit_message(*exit);
        finish_with_error(type, fmt::format("RequestId: {} Error: {}", current_->request_id, reason),
                          After_Failure::end);
    }
    shut_down();
}

/// Logs a platform event in the JSON format:
/// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
void Environment::log_record(std::string_view type, Json record) {
    const Json line{
        {"time", base::iso8601_ms_z(base::from_unix_ms(now_ms()))}, {"type", type}, {"record", std::move(record)}};
    log_.line(base::dump_json_lossy(line), now_ms());
}

void Environment::log_init_start() {
    const std::string version = runtime_version(function_->runtime);
    if (!logs_json()) return log_.line("INIT_START Runtime Version: " + version, now_ms());
    if (function_->system_log_level != "WARN")
        log_record("platform.initStart",
                   {{"initializationType", "on-demand"}, {"phase", "init"}, {"runtimeVersion", version}});
}

void Environment::report_failed_init() {
    const std::string_view phase = deadline_ms_ ? "invoke" : "init";
    const double duration_ms = milliseconds_since(started_at_);
    const bool timeout = failure_type_ == timed_out_type;
    if (!logs_json())
        return log_.line(fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: {}\tStatus: {}", duration_ms, phase,
                                     timeout ? "timeout" : "error\tError Type: " + failure_type_),
                         now_ms());
    Json record{{"initializationType", "on-demand"},
                {"phase", phase},
                {"status", timeout ? "timeout" : "error"},
                {"metrics", {{"durationMs", to_microseconds(duration_ms)}}}};
    if (!timeout) record["errorType"] = failure_type_;
    log_record("platform.initReport", std::move(record));
}

void Environment::log_start(const std::string& request_id) {
    if (std::exchange(start_logged_, true)) return;
    if (logs_json()) {
        if (function_->system_log_level != "WARN")
            log_record("platform.start", {{"requestId", request_id}, {"version", function_->version}});
        return;
    }
    log_.line(fmt::format("START RequestId: {} Version: {}", request_id, function_->version), now_ms());
}

/// Takes a sample for the report of a process that ends before the next one. Deferred: the function does not wait.
void Environment::sample_memory_later() {
    parts_.context.loop.post([this, alive = alive_] {
        if (*alive && process_) process_->memory_bytes();
    });
}

/// Returns true if the process cannot take much more than its limits between two samples.
bool Environment::kernel_limits_use() const {
    const sandbox::Capabilities& kernel = parts_.sandbox.capabilities();
    return kernel.cgroup && kernel.processes;
}

/// Kills a process that exceeds its memory or, if the kernel does not limit them, its number of processes and threads.
/// Without limits of the kernel it is also sampled between events, when its processes can continue to run.
void Environment::sample_use() {
    if (!process_ || (!current_ && kernel_limits_use())) return use_timer_.reset();
    if (process_->memory_bytes() > static_cast<std::uint64_t>(function_->memory_mb) * mib) {
        out_of_memory_ = true;
        return process_->kill();
    }
    if (!parts_.sandbox.capabilities().processes && process_->tasks() > sandbox::processes_and_threads_max) {
        log_.line(fmt::format("The function exceeded its limit of {} processes and threads",
                              sandbox::processes_and_threads_max),
                  now_ms());
        return process_->kill();
    }
    sample_use_after(current_ || !initialised_ ? use_sample_interval : idle_use_sample_interval);
}

void Environment::sample_use_after(std::chrono::milliseconds interval) {
    sampled_rarely_ = interval > use_sample_interval;
    use_timer_ = parts_.context.loop.after(
        std::max<std::chrono::microseconds>(interval, use_sample_interval_per_environment * parts_.environments),
        [this] { sample_use(); });
}

void Environment::finish_with_error(std::string_view type, const std::string& message, After_Failure after_failure) {
    if (after_failure == After_Failure::end)
        ending_ = true;  // before the caller is notified: no other event may arrive
    failure_type_ = type;
    drain_output();
    if (!initialised_) report_failed_init();
    log_start(current_->request_id);
    if (!logs_json()) log_failure(message);  // the JSON report contains it
    finish(base::dump_json_lossy(Json{{"errorType", type}, {"errorMessage", message}}), true);
}

void Environment::log_failure(const std::string& message) {
    if (failure_type_ != timed_out_type) return log_.line(fmt::format("{}\n{}", message, failure_type_), now_ms());
    log_.line(fmt::format("{} {} {}\n", base::iso8601_ms_z(base::from_unix_ms(now_ms())), current_->request_id,
                          message.substr(message.find("Task timed out"))),
              now_ms());
}

void Environment::finish(std::string payload, bool failed) {
    assert(current_);
    double duration_ms = milliseconds_since(delivered_ ? delivered_at_ : started_at_);
    if (failure_type_ == timed_out_type) duration_ms = 1000.0 * function_->timeout_s;
    Invocation finished = std::move(*current_);
    current_.reset();
    deadline_ms_.reset();
    outgoing_.reset();
    free_since_ = parts_.context.now();
    const auto respond = [&](std::string log_tail) {
        finished.done(Invoke_Result{.payload = std::move(payload),
                                    .function_error = failed ? "Unhandled" : "",
                                    .log_tail = std::move(log_tail),
                                    .request_id = finished.request_id});
    };
    // Without a log tail the response is sent first. The log lines are written in the same turn of the loop, so no
    // client can read the log without them.
    const bool with_tail = finished.request.log_tail;
    if (!with_tail) respond("");
    drain_output();
    log_start(finished.request_id);
    report(finished.request_id, duration_ms, failed);
    if (with_tail) {
        const std::string& tail = log_.tail();
        respond(tail.substr(tail.size() - std::min(tail.size(), Log_Capture::tail_bytes_max)));
    }
    flush_log();
    // The timeout continues until the runtime asks for the next event, as on Lambda:
    // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke
    next_expected_ = !ended_ && !ending_;
}

void Environment::report(const std::string& id, double duration_ms, bool failed) {
    const auto now = Steady::now();
    // Too slow to read on every warm invoke.
    if (process_ && (ending_ || now - memory_read_at_ > memory_read_interval)) {
        memory_mb_ = (process_->memory_bytes_peak() + mib - 1) / mib;
        memory_read_at_ = now;
        if (out_of_memory_) memory_mb_ = std::max<std::uint64_t>(memory_mb_, function_->memory_mb);
    }
    const auto billed_ms = whole_ms(duration_ms + init_ms_.value_or(0));
    const std::string failure = std::exchange(failure_type_, {});
    if (logs_json()) {
        if (!failed && function_->system_log_level == "WARN") return init_ms_.reset();
        Json metrics{{"durationMs", to_microseconds(duration_ms)},
                     {"billedDurationMs", billed_ms},
                     {"memorySizeMB", function_->memory_mb},
                     {"maxMemoryUsedMB", memory_mb_}};
        if (init_ms_) metrics["initDurationMs"] = to_microseconds(*init_ms_);
        Json record{{"requestId", id}, {"metrics", std::move(metrics)}};
        record["status"] = !failed ? "success" : failure == timed_out_type ? "timeout" : "error";
        if (!failure.empty()) record["errorType"] = failure;
        init_ms_.reset();
        return log_record("platform.report", std::move(record));
    }
    log_.line(fmt::format("END RequestId: {}", id), now_ms());
    std::string text = fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} "
        "MB\t",
        id, duration_ms, billed_ms, function_->memory_mb, memory_mb_);
    if (init_ms_) text += fmt::format("Init Duration: {:.2f} ms\t", *init_ms_);
    if (failure == timed_out_type)
        text += "Status: timeout";
    else if (!failure.empty())
        text += "Status: error\tError Type: " + failure;
    init_ms_.reset();
    log_.line(std::move(text), now_ms());
}

void Environment::watch_output() {
    if (!output_read_) return;
    output_watch_ = parts_.context.loop.when_readable(output_read_.fd(), [this] {
        const std::size_t received = drain_output(waiting_log_bytes_max);
        if (!current_ || log_.waiting_bytes() > waiting_log_bytes_max) flush_log();
        if (log_is_behind()) {
            output_held_ = true;  // log_written() watches again
            return output_watch_.reset();
        }
        if (received > pipe_bytes / 4) return;  // the function prints fast and would block on a full pipe
        // A function that prints line by line would otherwise wake this loop for each line and be slowed down.
        output_watch_.reset();
        output_pause_ = parts_.context.loop.after(output_pause, [this] { watch_output(); });
    });
}

/// Reads the waiting output and returns its size in bytes.
std::size_t Environment::drain_output() { return drain_output(std::numeric_limits<std::size_t>::max()); }

/// Reads until the events that were not passed to the log exceed `waiting_bytes_max`.
std::size_t Environment::drain_output(std::size_t waiting_bytes_max) {
    if (!output_read_) return 0;
    char block[read_bytes];
    // The output written so far fits in one pipe. Reading until the pipe is empty would let a process that never stops
    // writing block the loop.
    std::size_t remaining = pipe_bytes;
    while (remaining > 0 && log_.waiting_bytes() <= waiting_bytes_max) {
        const ssize_t size = ::read(output_read_.fd(), block, std::min(remaining, read_bytes));
        if (size < 0 && errno == EINTR) continue;
        if (size == 0) {  // all writers closed; the exit is watched separately
            output_watch_.reset();
            output_read_.reset();
        }
        if (size <= 0) break;
        remaining -= static_cast<std::size_t>(size);
        log_.output({block, static_cast<std::size_t>(size)}, now_ms());
    }
    return pipe_bytes - remaining;
}

void Environment::flush_log() {
    if (!current_) log_.end_line(now_ms());
    if (log_.empty()) return;
    unwritten_log_bytes_ += log_.waiting_bytes();
    parts_.logs.append(function_->account, function_->log_group, log_stream_, log_.take());
    confirm_written();
}

/// Asks before the limit is reached, so that a function that prints little never waits. Small logs are not confirmed:
/// the store writes them without haste.
void Environment::confirm_written() {
    if (ended_ || confirming_written_ || unwritten_log_bytes_ <= unwritten_log_bytes_max / 2) return;
    confirming_written_ = true;
    parts_.logs.when_written([this, alive = alive_, bytes = unwritten_log_bytes_] {
        if (*alive && !ended_) log_written(bytes);
    });
}

void Environment::log_written(std::size_t bytes) {
    confirming_written_ = false;
    unwritten_log_bytes_ -= bytes;
    confirm_written();
    if (log_is_behind()) return;
    if (std::exchange(output_held_, false)) watch_output();
    deliver_if_ready();
}

bool Environment::log_is_behind() const { return unwritten_log_bytes_ > unwritten_log_bytes_max; }

void Environment::end() { shut_down(Error{"ServiceException", "The execution environment was stopped", 500}); }

void Environment::stop_process() {
    timeout_timer_.reset();
    use_timer_.reset();
    next_timer_.reset();
    exit_watch_.reset();
    if (process_) process_->kill();
    drain_output();
    output_watch_.reset();
    output_pause_.reset();
    if (!process_) return;
    parts_.context.loop.run_blocking(  // waiting for processes to exit must not block the loop
        [process = std::shared_ptr<sandbox::Process>(std::move(process_))]() mutable { process.reset(); },
        [root = image_root_] {});  // keeps the image until the process has exited
}

void Environment::shut_down(const std::optional<Error>& cause) {
    if (std::exchange(ended_, true)) return;
    stop_process();
    std::optional<Invocation> interrupted = std::exchange(current_, std::nullopt);
    flush_log();
    pending_next_ = nullptr;
    const bool undelivered = interrupted && initialised_ && !delivered_ && !cause && callbacks_.on_returned;
    if (interrupted && !undelivered)
        interrupted->done(cause.value_or(
            Error{"ServiceException", "The execution environment ended before the event completed", 500}));
    if (callbacks_.on_ended) callbacks_.on_ended();
    if (undelivered) callbacks_.on_returned(std::move(*interrupted));
}

}  // namespace osbot_aws::services

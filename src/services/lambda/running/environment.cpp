#include "services/lambda/running/environment.hpp"

#include <fmt/format.h>

#include <cassert>
#include <csignal>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"
#include "wire/trace_id.hpp"

namespace osbot_aws::services {

namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t response_bytes_max = 6'291'556;
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
constexpr std::uint64_t stream_bytes_max = 209'715'200;
// Above this, the function waits until the client has received a part of its stream.
constexpr std::size_t unsent_bytes_max = 1 << 20;
constexpr std::chrono::seconds init_max{10};
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
constexpr std::chrono::milliseconds external_shutdown_max{2000}, internal_shutdown_max{500};
// Of provisioned concurrency and SnapStart, or the timeout of the function, if it is longer.
constexpr std::chrono::seconds early_init_max{130};
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-restore
constexpr std::chrono::seconds restore_max{10};
constexpr std::string_view too_large_type = "Function.ResponseSizeTooLarge";

std::string too_large(std::uint64_t bytes_max) {
    return fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).", bytes_max);
}

Error service_error(std::string message) { return {"ServiceException", std::move(message), 500}; }

Error invalid_state(std::string message) { return {"InvalidStateTransition", std::move(message), 403}; }

/// The messages are AWS's descriptions of the errors: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
Error restore_error_of(std::string_view error_type) {
    if (error_type == timed_out_type)
        return {"SnapStartTimeoutException", "Lambda couldn't restore the snapshot within the timeout limit.", 408};
    return {"SnapStartException",
            "The afterRestore() runtime hook encountered an error. For more information, check the Amazon CloudWatch "
            "logs.",
            400};
}

Error invalid_request_id() { return {"InvalidRequestID", "Invalid request ID", 400}; }

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// "signal: killed", "exit status 1", or the text for a success.
std::string exit_text(const sandbox::Exit& exit, const char* success) {
    if (exit.out_of_memory) return "signal: killed";
    if (exit.signal != 0) {
        const char* name = ::sigdescr_np(exit.signal);
        std::string text = name != nullptr ? name : std::to_string(exit.signal);
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
        return "signal: " + text;
    }
    return exit.status != 0 ? fmt::format("exit status {}", exit.status) : success;
}

std::string exit_message(const sandbox::Exit& exit) {
    const std::string text = exit_text(exit, "");
    return text.empty() ? "Runtime exited without providing a reason" : "Runtime exited with error: " + text;
}

/// Returns the end of a streamed response: errors and the log tail are in its trailers.
wire::Body_Stream::End stream_end(const Result<Invoke_Result>& result) {
    wire::Body_Stream::End end;
    end.complete = result && result->function_error.empty();
    if (!result)
        end.trailers = {{"ErrorCode", result.error().code}, {"ErrorDetails", result.error().message}};
    else if (!end.complete)
        end.trailers = {{"ErrorCode", result->function_error}, {"ErrorDetails", result->payload}};
    if (result && !result->log_tail.empty()) end.trailers.add("LogResult", result->log_tail);
    return end;
}

}  // namespace

Environment::Environment(Environment_Parts& parts, Function_Ptr function, Callbacks callbacks, Init_Type init_type)
    : parts_(parts),
      function_(std::move(function)),
      callbacks_(std::move(callbacks)),
      init_type_(init_type),
      code_(parts.code.hold(zips_of(*function_))),
      telemetry_(parts.context, parts.endpoints, !parts.options.own_network,
                 [this] {
                     if (process_) process_->freeze_later();
                 }),
      extensions_(*function_, {.on_registered = [this] { start_runtime(); },
                               .on_ready = [this] { proceed(); },
                               .on_failure = [this](const auto& failure) { extension_failed(failure); }}),
      output_(parts.context, parts.logs, function_,
              [this] {
                  if (state_ == State::held) deliver();
              }),
      extensions_output_(parts.context, parts.logs, function_, output_.log_stream()),
      log_(*function_, parts.context.loop.clock(), output_.capture(), &telemetry_, init_type) {
    output_.capture().observe_output(
        [this](std::string_view line, std::int64_t ms) { telemetry_.line(Telemetry::Kind::function, line, ms); });
    extensions_output_.capture().observe_output(
        [this](std::string_view line, std::int64_t ms) { telemetry_.line(Telemetry::Kind::extension, line, ms); });
    log_.init_start();
    start();
}

Environment::~Environment() {
    alive_.reset();
    callbacks_ = {};
    process_.reset();  // extensions have no time to shut down
    shut_down();
}

void Environment::enter(State next) {
    assert(may_follow(state_, next));
    state_ = next;
    assert(event_ || (next != State::restarting && next != State::restoring && next != State::held &&
                      next != State::busy && next != State::awaiting));
    assert(on_event_ || (next != State::idle && next != State::held && next != State::busy));
    assert(on_restored_ || next != State::suspended);
}

/// Runs the task in the next turn of the loop, unless the environment has ended by then.
void Environment::post(std::function<void()> task) {
    parts_.context.loop.post([this, alive = std::weak_ptr(alive_), task = std::move(task)] {
        if (!alive.expired() && !ended()) task();
    });
}

/// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
std::chrono::milliseconds Environment::init_time_max() const {
    if (init_type_ == Init_Type::on_demand) return init_max;
    return std::max<std::chrono::milliseconds>(early_init_max, function_timeout());
}

std::chrono::milliseconds Environment::function_timeout() const {
    if (debugged()) return debug_timeout;
    return std::chrono::seconds(function_->timeout_s);
}

// ---- the process ----------------------------------------------------------------------------------------------------

void Environment::start() {
    begin_ = Steady::now();
    if (!parts_.options.own_network) {  // else the sandbox opens it inside its network
        auto endpoint = parts_.endpoints.open(*this);
        if (!endpoint) return post([this, message = endpoint.error().message] { shut_down(service_error(message)); });
        endpoint_ = std::move(*endpoint);
    }
    parts_.code.unpack_all(zips_of(*function_), [this, alive = std::weak_ptr(alive_)](const auto& unpacked) {
        if (alive.expired() || ended()) return;
        const auto launched = unpacked.and_then([this](const auto& folders) { return launch(folders); });
        if (!launched) shut_down(launched.error());
    });
}

Result<void> Environment::launch(const std::vector<std::filesystem::path>& folders) {
    const Image_Ptr image =
        function_->is_image() ? parts_.images.find("sha256:" + function_->code_sha256_base64) : nullptr;
    if (function_->is_image() && !image)
        return service_error(fmt::format("The image {} is no longer in the engine's store", function_->image_uri));
    restore_is_optional_ = !image || image->config.allows_snapshots;
    OSBOT_TRY(base::Unique_Fd output, output_.open());
    base::Unique_Fd extensions_output;
    if (image || folders.size() > 1) { OSBOT_TRY(extensions_output, extensions_output_.open()); }
    auto work = std::make_shared<Process_Start>(Process_Start{
        parts_, function_, image, folders, output_.log_stream(), endpoint_ ? endpoint_->address() : inner_runtime_api,
        std::move(output), std::move(extensions_output), init_type_});
    parts_.context.loop.run_blocking([work] { work->run(); },
                                     [this, alive = std::weak_ptr(alive_), work] {
                                         if (!alive.expired() && !ended()) launched(*work);  // else work stops it
                                     });
    return {};
}

void Environment::launched(Process_Start& work) {
    assert(!process_ && (state_ == State::starting || state_ == State::restarting));
    work.output.reset();
    work.extensions_output.reset();
    if (!work.warning.empty() && state_ == State::starting) log_.line(work.warning);
    if (!work.process) return start_failed(work.process.error(), work.may_retry);
    if (state_ == State::starting && !debugged())  // a repeated init has the remaining time of its event
        timeout_ = parts_.context.loop.after(init_time_max(), [this] { timed_out(); });
    extensions_.start(work.extensions);
    process_.emplace(
        parts_, *function_, log_, std::move(*work.process), work.image ? work.image->root : nullptr,
        [this] { process_ended(); }, [this] { return !free() && state_ != State::returning && state_ != State::late; },
        [this] {
            for (Process_Output* output : {&output_, &extensions_output_}) output->drain(), output->flush();
            return telemetry_.empty();
        });
    if (auto opened = open_endpoints(); !opened) return shut_down(opened.error());
    output_.watch();
    if (!work.extensions.empty()) return extensions_output_.watch();  // the runtime starts after they registered
    extensions_output_.close();
    if (debugged()) announce_debugger();
}

/// `may_retry`: the program was found, so another attempt may succeed.
void Environment::start_failed(const Error& error, bool may_retry) {
    if (may_retry && init_again(error.code)) return;
    const bool is_of_aws = error.code.starts_with("Runtime.") || error.code.starts_with("Extension.");
    if (event_)
        fail(error.code,
             is_of_aws ? fmt::format("RequestId: {} Error: {}", event_->request_id, error.message) : error.message);
    report_failed_provisioning(error.code);
    shut_down(error, "failure");
}

/// All external extensions have registered.
void Environment::start_runtime() {
    if (ended()) return;  // registered during the shutdown
    process_->start_main([this](const Result<void>& started) {
        if (!started && !ended()) return start_failed(start_error(started.error(), false), true);
        if (!ended() && debugged()) announce_debugger();
        process_ended();  // an extension may have exited meanwhile
    });
}

Result<void> Environment::open_endpoints() {
    const std::size_t extensions = extensions_.all().size();
    if (endpoint_) return endpoint_->accept(process_->sandboxed().peer_check(), extensions), Result<void>();
    const std::vector<int> sockets = process_->sandboxed().take_listeners();
    if (sockets.size() != 2) return service_error("the sandbox did not open both listeners in its network");
    auto runtime =
        parts_.endpoints.adopt(sockets[0], *this, extensions);  // each takes its socket, also if the other fails
    auto engine = parts_.endpoints.adopt_engine(sockets[1]);
    OSBOT_TRY(endpoint_, std::move(runtime));
    OSBOT_TRY(engine_endpoint_, std::move(engine));
    return {};
}

/// Writes the instructions to attach a debugger to the engine's log (a terminal in this case) and the function's log.
void Environment::announce_debugger() {
    const std::string instructions =
        attach_instructions(*function_, *parts_.options.debug, process_->sandboxed().pid());
    base::log_info("{} waits for a debugger: {}", function_->name, instructions);
    log_.line("Waiting for a debugger: " + instructions);
    output_.flush();
}

/// Runs a failed init once more, in a new process, as part of the event and within its timeout. Returns false if no
/// event is waiting, or if this was the second attempt. Source:
/// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
bool Environment::init_again(std::string_view failure_type) {
    if (state_ != State::starting || !event_ || debugged()) return false;
    report_failed_init(failure_type);
    process_.reset();
    on_event_ = nullptr;  // of the runtime that was ready before its extensions
    on_restored_ = nullptr;
    output_.close();
    extensions_output_.close();
    extensions_output_.end_event();
    extensions_.start({});
    telemetry_.restart();
    enter(State::restarting);
    deadline_ms_ = base::unix_ms(parts_.context.now()) + function_timeout().count();
    timeout_ = parts_.context.loop.after(function_timeout(), [this] { timed_out(); });
    post([this] {  // this call may come from the endpoint that is closed here
        assert(state_ == State::restarting && !process_);
        endpoint_.reset();
        engine_endpoint_.reset();
        start();
    });
    return true;
}

void Environment::report_failed_init(std::string_view failure_type) {
    init_failure_ = failure_type;
    output_.drain();
    for (const Extension& extension : extensions_.all()) log_.extension(extension);
    log_.init_failed(state_ == State::starting ? "init" : "invoke", milliseconds_since(begin_), failure_type);
}

/// Reports the failed init of an environment that starts before events.
void Environment::report_failed_provisioning(std::string_view failure_type) {
    if (state_ == State::starting && !event_) report_failed_init(failure_type);
}

void Environment::timed_out() {
    if (init_again(timed_out_type) || restore_failed(timed_out_type)) return;
    report_failed_provisioning(timed_out_type);
    if (event_is_delivered())
        fail(timed_out_type, fmt::format("RequestId: {} Error: Task timed out after {}.00 seconds", event_->request_id,
                                         function_->timeout_s));
    shut_down(std::nullopt, "timeout");
}

void Environment::process_ended() {
    for (const auto& [index, exit] : process_->sandboxed().companion_exits()) {
        extensions_.exited(index, exit_text(exit, "exit code 0"));
        if (!process_) return;
    }
    const auto exit = process_->exit();
    if (ended()) return continue_shutdown(exit.has_value());
    if (exit) runtime_ended(*exit);
}

void Environment::runtime_ended(const sandbox::Exit& exit) {
    output_.drain();
    end_with_failure(exit.out_of_memory ? "Runtime.OutOfMemory" : "Runtime.ExitError", exit_message(exit), "failure");
}

void Environment::extension_failed(const Extension_Failure& failure) {
    post([this, type = failure.type, message = failure.message] {  // it may come from the endpoint
        if (process_) end_with_failure(type, message, "failure");
    });
}

void Environment::end_with_failure(std::string_view type, const std::string& message, std::string_view reason) {
    if (init_again(type) || restore_failed(type)) return;
    report_failed_provisioning(type);
    if (event_is_delivered()) fail(type, fmt::format("RequestId: {} Error: {}", event_->request_id, message));
    shut_down(std::nullopt, reason);
}

void Environment::end() { shut_down(service_error("The execution environment was stopped")); }

void Environment::end_immediately() {
    end();
    finish_shutdown();
}

/// `reason`: of the SHUTDOWN event.
void Environment::shut_down(const std::optional<Error>& cause, std::string_view reason) {
    if (ended()) return;
    if (!extensions_.any()) process_.reset();
    process_ ? void(output_.drain()) : output_.close();
    const bool returned = event_ && !event_is_delivered() && !cause && callbacks_.on_returned;
    std::optional<Invocation> interrupted = std::exchange(event_, std::nullopt);
    enter(State::ended);
    timeout_.reset();
    wait_limit_.reset();
    on_event_ = nullptr;
    on_restored_ = nullptr;
    output_.end_event();
    if (process_) begin_shutdown(reason);
    if (interrupted && !returned)
        interrupted->done(cause.value_or(service_error("The execution environment ended before the event completed")));
    if (callbacks_.on_ended) callbacks_.on_ended();
    if (!process_ && callbacks_.on_gone) callbacks_.on_gone();
    if (returned) callbacks_.on_returned(std::move(*interrupted));
}

// ---- the shutdown of extensions -------------------------------------------------------------------------------------

/// Sends SIGTERM to the runtime, which then has a share of the time.
void Environment::begin_shutdown(std::string_view reason) {
    const auto time = extensions_.any_external() ? external_shutdown_max : internal_shutdown_max;
    shutdown_reason_ = reason;
    shutdown_end_ = parts_.context.now() + time;
    process_->wake();
    process_->sandboxed().terminate();
    timeout_ = parts_.context.loop.after(time, [this] { finish_shutdown(); });
    if (process_->exit()) return continue_shutdown(true);
    if (extensions_.any_external())
        wait_limit_ = parts_.context.loop.after(time * 3 / 10, [this] { continue_shutdown(true); });
}

/// When the runtime has exited or had its time, the extensions get SHUTDOWN.
void Environment::continue_shutdown(bool runtime_is_over) {
    if (runtime_is_over && shutdown_reason_) {
        telemetry_.flush();
        extensions_.shut_down(*std::exchange(shutdown_reason_, std::nullopt), base::unix_ms(shutdown_end_));
        wait_limit_.reset();
    }
    if (shutdown_reason_ || extensions_.shutting_down()) return;
    parts_.context.loop.post([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) finish_shutdown();
    });
}

void Environment::finish_shutdown() {
    if (!process_) return;
    process_.reset();
    for (Process_Output* output : {&output_, &extensions_output_}) output->close(), output->end_event();
    timeout_.reset();
    wait_limit_.reset();
    if (callbacks_.on_gone) callbacks_.on_gone();
}

void Environment::extension_request(wire::Request request, Reply reply) {
    if (!process_) return;  // the calling process is being stopped
    if (request.path().starts_with("/2020-01-01/")) return extensions_.handle(request, reply);
    subscribe(request, reply);
}

void Environment::subscribe(const wire::Request& request, const Reply& reply) {
    const auto respond = [&](const Error& error) {
        reply({error.http_status,
               {{"Content-Type", "application/json"}},
               base::dump_json_lossy(Json{{"errorMessage", error.message}, {"errorType", error.code}})});
    };
    if (request.method != "PUT") return respond({"NotFound", "the Telemetry API has PUT only", 404});
    const Extension* const extension = extensions_.find(request.headers["Lambda-Extension-Identifier"]);
    if (extension == nullptr) return respond({"Extension.UnknownExtensionIdentifier", "Unknown extension", 403});
    const auto subscription = telemetry_.subscribe(request, *extension, function_->log_format == "JSON");
    if (!subscription) return respond(subscription.error());
    log_.subscription(**subscription);  // before the reply, within which a pipelined request may replace it
    reply({200, {{"Content-Type", "text/plain"}}, "OK"});
}

// ---- SnapStart ------------------------------------------------------------------------------------------------------

/// An image must coordinate the snapshot, or have a label that permits to take it anyway.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html
void Environment::reject_snapshot() {
    post([this] {  // this call comes from the endpoint
        log_.line(
            "SnapStart: the runtime requested an event before /runtime/restore/next, and the image does not have the "
            "label com.amazonaws.lambda.feature.snapstart=Allow");
        end_with_failure("Runtime.Unknown", "The image does not support SnapStart", "failure");
    });
}

Result<void> Environment::restore_next(std::function<void()> on_restored) {
    if (init_type_ != Init_Type::snap_start)
        return Error{"NotFound", "only environments that are restored from a snapshot have this path", 404};
    if (!process_ || !is_initialising()) return invalid_state("The runtime is already initialised");
    on_restored_ = std::move(on_restored);
    runtime_initialised();
    proceed();
    return {};
}

/// Begins to restore the runtime, which then runs its hooks and requests the event.
void Environment::restore() {
    const bool has_own_time = state_ != State::restarting;  // a repeated init has the remaining time of its event
    enter(State::restoring);
    process_->wake();
    begin_ = Steady::now();
    log_.restore_start();
    if (has_own_time) timeout_ = parts_.context.loop.after(restore_max, [this] { timed_out(); });
    std::exchange(on_restored_, nullptr)();
}

/// Returns false if no restore is in progress.
bool Environment::restore_failed(std::string_view failure_type) {
    if (state_ != State::restoring) return false;
    output_.drain();
    log_.restore_ended(milliseconds_since(begin_), failure_type);
    shut_down(restore_error_of(failure_type), failure_type == timed_out_type ? "timeout" : "failure");
    return true;
}

Result<void> Environment::restore_error(std::string error_type) {
    if (state_ != State::restoring) return invalid_state("The runtime is not being restored");
    if (error_type.empty()) error_type = "Runtime.Unknown";
    post([this, error_type] { restore_failed(error_type); });  // the process exits after this call
    return {};
}

// ---- events ---------------------------------------------------------------------------------------------------------

void Environment::run(Invocation event) {
    assert(!event_ && serves(event.request.tenant_id));
    event_ = std::move(event);
    if (!tenant_id_) log_.set_tenant(tenant_id_.emplace(event_->request.tenant_id));
    output_.begin_event();
    if (state_ == State::starting) return;
    if (state_ == State::suspended) return restore();
    if (state_ != State::returning) return deliver();
    enter(State::awaiting);
    wait_limit_ = parts_.context.loop.after(next_wait_max, [this] { return_event(); });
}

void Environment::next(std::function<void(const Next_Event&)> on_event) {
    if (!process_ || ended()) return;  // the calling process is being stopped
    if (is_initialising() && init_type_ == Init_Type::snap_start && !restore_is_optional_) return reject_snapshot();
    on_event_ = std::move(on_event);
    runtime_initialised();
    proceed();
}

void Environment::runtime_initialised() {
    if (!is_initialising()) return;
    process_->sample_initialised();
    extensions_.close_registration();
    log_.runtime_initialised(state_ == State::starting ? "init" : "invoke");
}

/// Continues when the runtime and all extensions have asked for the next event.
void Environment::proceed() {
    if (!process_ || !(on_event_ || on_restored_) || !extensions_.ready()) return;
    if (is_initialising()) end_init();
    if (free() || state_ == State::held || state_ == State::busy || state_ == State::finishing) return;
    if (!deadline_ms_) timeout_.reset();  // else it is that of an event with a repeated init
    if (on_restored_) return event_ ? restore() : become_free(State::suspended);
    if (state_ == State::restoring) end_restore();
    if (std::exchange(wait_limit_, nullptr)) output_.begin_event();  // without later output of the previous event
    event_ ? deliver() : become_free(State::idle);
}

/// The report follows the output of the hooks.
void Environment::end_restore() {
    output_.drain();
    log_.restore_ended(milliseconds_since(begin_));
}

void Environment::end_init() {
    if (init_type_ == Init_Type::snap_start) output_.drain();  // its report follows the output of the init
    if (state_ == State::starting) log_.init_ended(milliseconds_since(begin_));
    restores_at_event_ = init_type_ == Init_Type::snap_start && !on_restored_;
    for (const Extension& extension : extensions_.all()) log_.extension(extension);
    telemetry_.end_init();
}

/// `state`: idle or suspended.
void Environment::become_free(State state) {
    free_since_ = parts_.context.now();
    enter(state);
    process_->idle();
    callbacks_.on_free();
}

/// The runtime did not ask for the event in time.
void Environment::return_event() {
    wait_limit_.reset();
    Invocation event = *std::exchange(event_, std::nullopt);
    enter(State::late);
    output_.end_event();
    callbacks_.on_returned(std::move(event));
}

void Environment::deliver() {
    if (output_.is_behind()) return enter(State::held);
    enter(State::busy);
    process_->wake();
    if (std::exchange(restores_at_event_, false)) log_.restore_start(), log_.restore_ended(0);
    if (!deadline_ms_) {  // else it includes the repeated init
        begin_ = Steady::now();
        deadline_ms_ = base::unix_ms(parts_.context.now()) + function_timeout().count();
    }
    const Invoke_Request& request = event_->request;
    const Next_Event event{
        .request_id = event_->request_id,
        .function_arn = request.invoked_arn,
        .deadline_ms = *deadline_ms_,
        .trace_id = wire::trace_id(request.trace_id, function_->tracing_mode == "Active", parts_.context.now()),
        .client_context = request.client_context,
        .cognito_identity = {},
        .payload = request.payload.empty() ? "{}" : request.payload,
        .tenant_id = request.tenant_id};
    // Deliver the event first, so that the function runs during the rest of this call.
    std::exchange(on_event_, nullptr)(event);
    if (state_ != State::busy) return;
    extensions_.invoke(event);
    log_.start(event_->request_id);
    if (!timeout_) timeout_ = parts_.context.loop.after(function_timeout(), [this] { timed_out(); });
    process_->event_delivered();
}

Result<void> Environment::response(const std::string& request_id, std::string payload, std::string) {
    if (!runs(request_id)) return invalid_request_id();
    if (payload.size() > response_bytes_max) {
        fail(too_large_type, too_large(response_bytes_max), After::wait_for_next);
        return Error{"RequestEntityTooLarge",
                     fmt::format("Exceeded maximum allowed payload size ({} bytes).", response_bytes_max), 413};
    }
    finish(std::move(payload), false);
    return {};
}

void Environment::response_stream(const std::string& request_id, std::shared_ptr<wire::Body_Stream> body,
                                  std::string content_type, std::function<void(const Result<void>&)> done) {
    if (!runs(request_id)) return done(invalid_request_id());
    if (event_->request.streaming) begin_stream(body, std::move(content_type));
    auto received = std::make_shared<Received>();
    body->read(
        [this, alive = std::weak_ptr(alive_), request_id, received, source = std::weak_ptr(body)](auto piece) {
            if (!alive.expired() && runs(request_id)) receive(*received, piece, *source.lock());
        },
        [this, alive = std::weak_ptr(alive_), request_id, received, done = std::move(done)](const auto& end) {
            if (alive.expired() || !end.complete) return;  // aborted; the exit of the process reports the failure
            done(stream_ended(request_id, std::move(received->bytes), end));
        });
}

/// Returns the response to the caller now.
void Environment::begin_stream(const std::weak_ptr<wire::Body_Stream>& body, std::string content_type) {
    response_ = std::make_shared<wire::Body_Stream>();
    response_->draw_from(body);
    source_ = body;
    Invoke_Result first{.payload = {}, .function_error = {}, .log_tail = {}, .request_id = event_->request_id};
    first.stream = response_;
    first.content_type = std::move(content_type);
    const auto end = [stream = response_](const Result<Invoke_Result>& result) { stream->end(stream_end(result)); };
    std::exchange(event_->done, end)(std::move(first));
}

void Environment::receive(Received& received, std::string_view piece, wire::Body_Stream& source) {
    received.size += piece.size();
    if (!response_) {
        if (received.bytes.size() <= response_bytes_max) received.bytes += piece;
    } else if (received.size > stream_bytes_max) {
        fail(too_large_type, too_large(stream_bytes_max), After::wait_for_next);
    } else {
        response_->write(piece);
        if (response_->unsent() > unsent_bytes_max && !response_->abandoned()) source.pause();
    }
}

Result<void> Environment::stream_ended(const std::string& request_id, std::string payload,
                                       const wire::Body_Stream::End& end) {
    const std::string_view type = end.trailers["Lambda-Runtime-Function-Error-Type"];
    if (type.empty()) return response(request_id, std::move(payload), "");
    auto body = base::base64_decode(end.trailers["Lambda-Runtime-Function-Error-Body"]);
    return error(request_id, std::move(body).value_or("{}"), std::string(type));
}

Result<void> Environment::error(const std::string& request_id, std::string payload, std::string) {
    if (!runs(request_id)) return invalid_request_id();
    finish(std::move(payload), true);
    return {};
}

Result<void> Environment::init_error(std::string payload, std::string error_type) {
    if (!process_ || (state_ != State::starting && state_ != State::restarting))
        return invalid_state("The runtime is already initialised");
    if (error_type.empty()) error_type = "Runtime.Unknown";
    if (init_again(error_type)) return {};
    report_failed_init(error_type);
    event_ ? finish(std::move(payload), true, error_type, After::end) : enter(State::finishing);
    // The process exits after this call. Until then, the state keeps events away from it.
    post([this] { shut_down(std::nullopt, "failure"); });
    return {};
}

/// Ends the event with an error that the runtime did not report.
void Environment::fail(std::string_view type, const std::string& message, After after) {
    output_.drain();
    if (state_ != State::busy) report_failed_init(type);
    log_.failure(event_->request_id, type, message);
    finish(base::dump_json_lossy(Json{{"errorType", type}, {"errorMessage", message}}), true, type, after);
}

void Environment::finish(std::string payload, bool failed, std::string_view error_type, After after) {
    const bool timed_out = error_type == timed_out_type;
    const double duration_ms = timed_out ? 1000.0 * function_->timeout_s : milliseconds_since(begin_);
    const Invocation event = std::move(*event_);
    event_.reset();
    response_.reset();
    deadline_ms_.reset();
    enter(State::finishing);
    const std::size_t response_bytes = payload.size();
    Invoke_Result result{.payload = std::move(payload),
                         .function_error = failed ? "Unhandled" : "",
                         .log_tail = {},
                         .request_id = event.request_id};
    // Without a log tail the response is sent first. The log lines are written in the same turn of the loop, so no
    // client can read the log without them.
    if (!event.request.log_tail) event.done(std::move(result));
    output_.drain();
    const std::uint64_t memory_mb = process_ ? process_->peak_mb(after == After::end) : 0;
    log_.report({event.request_id, duration_ms, failed, error_type, memory_mb, response_bytes});
    if (event.request.log_tail) {
        result.log_tail = output_.tail();
        event.done(std::move(result));
    }
    output_.end_event();
    // A client that reads slowly may have paused the stream, which the function must still be able to end.
    if (const auto source = std::exchange(source_, {}).lock(); source && source->paused()) source->request_more();
    if (after == After::wait_for_next && state_ == State::finishing) wait_for_next();
}

/// The timeout continues until the runtime asks for the next event, as on Lambda:
/// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke
void Environment::wait_for_next() {
    if (!on_event_ || !extensions_.ready()) {
        free_since_ = parts_.context.now();
        return enter(State::returning);
    }
    timeout_.reset();
    become_free(State::idle);
}

}  // namespace osbot_aws::services

// The main loop of a packed program in Lambda: finds the handler, then processes events until the execution environment
// shuts down.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include <osbot_aws/runtime/handler.hpp>

#include "base/encoding.hpp"
#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/http_connection.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"
#include "runtime/crash_report.hpp"
#include "runtime/failure.hpp"
#include "runtime/handlers.hpp"
#include "runtime/log_output.hpp"
#include "runtime/serve.hpp"

namespace osbot_aws {
namespace runtime {
namespace {

constexpr std::string_view api = "/2018-06-01/runtime/";
constexpr std::chrono::milliseconds connect_max{5000}, no_timeout{0};

std::string error_json(const Failure& failure) {
    const Json error{{"errorMessage", failure.message}, {"errorType", failure.type}, {"stackTrace", Json::array()}};
    return base::dump_json_lossy(error);  // what() may contain invalid UTF-8
}

/// Returns the header with the type of an error: at most this many printable characters, because a template's name may
/// be long.
std::string error_type_header(std::string type) {
    constexpr std::size_t type_bytes_max = 256;
    type.resize(std::min(type.size(), type_bytes_max));
    return fmt::format("Lambda-Runtime-Function-Error-Type: {}\r\n", type);
}

constexpr const char* http_response_type = "application/vnd.awslambda.http-integration-response";

/// Returns the status, headers and cookies of a function URL's response, which precede the body:
/// https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
std::string http_prelude(int status, const Json& headers, const Json& cookies) {
    const Json prelude{{"statusCode", status}, {"headers", headers}, {"cookies", cookies}};
    return base::dump_json(prelude) + std::string(8, '\0');
}

/// Logs an error: as text, or as a JSON object if the function's log format is JSON.
void log_error(const Failure& failure, const std::string& request_id) {
    if (base::variable("AWS_LAMBDA_LOG_FORMAT") != "JSON") {
        std::fprintf(stderr, "[ERROR] %s: %s\n", failure.type.c_str(), failure.message.c_str());
        return;
    }
    Json error{{"timestamp", base::iso8601_ms_z(std::chrono::system_clock::now())},
               {"level", "ERROR"},
               {"errorType", failure.type},
               {"errorMessage", failure.message}};
    if (!request_id.empty()) error["requestId"] = request_id;
    std::fprintf(stderr, "%s\n", base::dump_json_lossy(error).c_str());
}

class Buffered_Response final : public Response_Writer {
public:
    void write(std::string_view piece) override { bytes.append(piece); }
    void http(int status, const Json& headers, const Json& cookies) override {
        bytes += http_prelude(status, headers, cookies);
    }
    std::string bytes;
};

/// Sends each piece when it is written. The request starts with the first piece, so that a handler that fails earlier
/// can still be reported as an ordinary error.
class Streamed_Response final : public Response_Writer {
public:
    Streamed_Response(base::Http_Connection& connection, std::string head)
        : connection_(connection), head_(std::move(head)) {}

    void write(std::string_view piece) override {
        begin("application/octet-stream");
        good_ = good_ && connection_.chunk(piece, no_timeout).has_value();
    }
    void http(int status, const Json& headers, const Json& cookies) override {
        begin(http_response_type);
        write(http_prelude(status, headers, cookies));
    }
    bool has_begun() const { return begun_; }
    /// Ends the response. Returns false if the Runtime API closed the connection.
    bool end(std::string_view trailers = "") {
        begin("application/octet-stream");
        return good_ && connection_.end(trailers, no_timeout) && connection_.receive(no_timeout);
    }

private:
    void begin(const char* content_type) {
        if (std::exchange(begun_, true)) return;
        good_ = connection_
                    .begin(fmt::format("{}Content-Type: {}\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n"
                                       "Trailer: Lambda-Runtime-Function-Error-Type, "
                                       "Lambda-Runtime-Function-Error-Body\r\n",
                                       head_, content_type),
                           no_timeout)
                    .has_value();
    }

    base::Http_Connection& connection_;
    std::string head_;
    bool begun_ = false, good_ = true;
};

/// The environment variable _X_AMZN_TRACE_ID, from which the SDKs read the trace of the event. It is changed in place,
/// because setenv() would leak the memory of each earlier value.
class Trace_Variable {
public:
    void set(std::string_view trace_id) {
        if (trace_id.size() > value_bytes_max) trace_id = {};
        *std::copy(trace_id.begin(), trace_id.end(), text_ + name.size()) = '\0';
        if (!std::exchange(added_, true)) ::putenv(text_);
    }

private:
    static constexpr std::string_view name = "_X_AMZN_TRACE_ID=";
    static constexpr std::size_t value_bytes_max = 1000;

    inline static char text_[name.size() + value_bytes_max + 1] = "_X_AMZN_TRACE_ID=";  // part of the environment
    bool added_ = false;
};

class Loop {
    using Reply = std::optional<base::Http_Reply>;  // nullopt: the Runtime API closed the connection

public:
    Loop(base::Http_Connection connection, std::string host)
        : connection_(std::move(connection)), host_(std::move(host)) {}

    /// Processes events until the Runtime API closes the connection, because the execution environment shuts down.
    void run(const Handler_Ref& handler) {
        Context context = context_of_function();
        auto event = exchange("GET", "invocation/next", "", "");
        while (event && event->status == 200) {
            fill(context, *event);
            event = process(handler, *event, context);
        }
    }

    void init_error(const Failure& failure) {
        log_error(failure, "");
        exchange("POST", "init/error", error_json(failure), error_type_header(failure.type));
    }

private:
    static Context context_of_function() {
        Context context;
        context.function_name = base::variable("AWS_LAMBDA_FUNCTION_NAME");
        context.function_version = base::variable("AWS_LAMBDA_FUNCTION_VERSION");
        context.log_group = base::variable("AWS_LAMBDA_LOG_GROUP_NAME");
        context.log_stream = base::variable("AWS_LAMBDA_LOG_STREAM_NAME");
        const std::string memory = base::variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
        std::from_chars(memory.data(), memory.data() + memory.size(), context.memory_limit_mb);
        return context;
    }

    static Json json_header(const base::Http_Reply& event, std::string_view name) {
        const std::string_view text = event.header(name);
        return text.empty() ? Json() : base::parse_json(text);
    }

    void fill(Context& context, const base::Http_Reply& event) {
        context.request_id = event.header("Lambda-Runtime-Aws-Request-Id");
        context.invoked_function_arn = event.header("Lambda-Runtime-Invoked-Function-Arn");
        context.trace_id = event.header("Lambda-Runtime-Trace-Id");
        trace_variable_.set(context.trace_id);
        context.client_context = json_header(event, "Lambda-Runtime-Client-Context");
        context.identity = json_header(event, "Lambda-Runtime-Cognito-Identity");
        long long deadline_ms = 0;
        const std::string_view text = event.header("Lambda-Runtime-Deadline-Ms");
        std::from_chars(text.data(), text.data() + text.size(), deadline_ms);
        context.deadline = std::chrono::system_clock::time_point(std::chrono::milliseconds(deadline_ms));
    }

    /// Processes an event and returns the next one.
    Reply process(const Handler_Ref& handler, const base::Http_Reply& event, const Context& context) {
        if (handler.streams) return process_streamed(handler, event, context);
        Buffered_Response response;
        try {
            handler.call(event.body, context, response);
        } catch (...) { return report_error(context, current_failure()); }
        flush_output();
        const std::string path = fmt::format("invocation/{}/response", context.request_id);
        const std::string_view headers = "Content-Type: application/json\r\n";
        if (event.header("Server") != "osbot_aws") {
            exchange("POST", path, response.bytes, headers);
            return exchange("GET", "invocation/next", "", "");
        }
        // The local engine accepts the response and the next request in one write and responds to both in one write.
        // This halves the system calls and wake-ups of a warm invoke. AWS's Runtime API gets one request at a time, as
        // in its documentation.
        const std::string next = head_of("GET", "invocation/next", "") + "Content-Length: 0\r\n\r\n";
        if (!connection_.send(head_of("POST", path, headers), response.bytes, no_timeout, next)) return std::nullopt;
        if (!connection_.receive(no_timeout)) return std::nullopt;
        return to_reply(connection_.receive(no_timeout));
    }

    Reply process_streamed(const Handler_Ref& handler, const base::Http_Reply& event, const Context& context) {
        Streamed_Response response(connection_,
                                   head_of("POST", fmt::format("invocation/{}/response", context.request_id), ""));
        std::optional<Failure> failure;
        try {
            handler.call(event.body, context, response);
        } catch (...) { failure = current_failure(); }
        if (failure && !response.has_begun()) return report_error(context, *failure);
        flush_output();
        std::string trailers;
        if (failure) {  // a part of the response was already sent, so the error follows in the trailers
            log_error(*failure, context.request_id);
            trailers = fmt::format("{}Lambda-Runtime-Function-Error-Body: {}\r\n", error_type_header(failure->type),
                                   base::base64_encode(error_json(*failure)));
        }
        if (!response.end(trailers)) return std::nullopt;
        return exchange("GET", "invocation/next", "", "");
    }

    Reply report_error(const Context& context, const Failure& failure) {
        flush_output();
        log_error(failure, context.request_id);
        exchange("POST", fmt::format("invocation/{}/error", context.request_id), error_json(failure),
                 "Content-Type: application/json\r\n" + error_type_header(failure.type));
        return exchange("GET", "invocation/next", "", "");
    }

    std::string head_of(std::string_view method, std::string_view path, std::string_view headers) const {
        return fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\n{}", method, api, path, host_, headers);
    }

    static Reply to_reply(Result<base::Http_Reply> reply) {
        if (!reply) return std::nullopt;
        return std::move(*reply);
    }

    Reply exchange(std::string_view method, std::string_view path, std::string_view body, std::string_view headers) {
        return to_reply(connection_.exchange(head_of(method, path, headers), body, no_timeout));
    }

    base::Http_Connection connection_;
    std::string host_;
    Trace_Variable trace_variable_;
};

bool is_traced() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "TracerPid:") return status >> word && word != "0";
    return false;
}

/// Waits until gdb or lldb attaches; `osbot local start --debug` prints the process id. epoll_wait returns EINTR after
/// the process was stopped and continued, which most calls do not (signal(7)). Stopping the process with a signal
/// instead would require the debugger to discard that signal.
void wait_for_debugger() {
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);  // otherwise Yama allows only ancestors to attach
    const base::Unique_Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event event;
    while (!is_traced()) ::epoll_wait(epoll.fd(), &event, 1, -1);
}

[[noreturn]] void serve(const std::string& address) {
    if (base::has_variable("OSBOT_AWS_WAIT_FOR_DEBUGGER")) wait_for_debugger();
    const std::size_t colon = address.rfind(':');
    int port = 0;
    if (colon != std::string::npos) std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
    auto connection =
        base::Http_Connection::connect_tcp(address.substr(0, colon), static_cast<std::uint16_t>(port), connect_max);
    if (!connection) {
        std::fprintf(stderr, "cannot connect to the Runtime API at %s: %s\n", address.c_str(),
                     connection.error().message.c_str());
        std::exit(1);
    }
    join_streams_with_stdio();
    Loop loop(std::move(*connection), address);
    const std::string handler_name = base::variable("_HANDLER");
    const auto found = handlers().find(handler_name);
    if (found == handlers().end()) {
        std::string names;
        for (const auto& [name, ref] : handlers()) names += (names.empty() ? "" : ", ") + name;
        loop.init_error(
            {"Runtime.HandlerNotFound",
             fmt::format("Handler '{}' is not registered in this program; it has: {}", handler_name, names)});
        std::_Exit(1);
    }
    loop.run(found->second);
    std::_Exit(0);  // skips static destructors, which have nothing to save: the process is about to be killed
}

bool inside_lambda() { return !base::variable("AWS_LAMBDA_RUNTIME_API").empty() && base::has_variable("_HANDLER"); }

}  // namespace

void prepare_process() {
    static const bool prepared = [] {
        if (!inside_lambda()) return false;
        write_lines_immediately();
        report_crashes();
        return true;
    }();
    static_cast<void>(prepared);
}

}  // namespace runtime

void serve_if_lambda() {
    if (base::has_variable("OSBOT_AWS_LIST_HANDLERS")) {
        for (const auto& [name, handler] : runtime::handlers()) std::puts(name.c_str());
        std::exit(0);
    }
    if (!runtime::inside_lambda()) return;
    runtime::prepare_process();  // a program without a handler has not done so yet
    runtime::serve(base::variable("AWS_LAMBDA_RUNTIME_API"));
}

}  // namespace osbot_aws

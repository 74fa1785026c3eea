// The life of a packed program inside Lambda: find the handler, then take events until the environment ends.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
#include <cxxabi.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <typeinfo>
#include <utility>

#include <osbot_aws/runtime/handler.hpp>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/http_connection.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"
#include "runtime/handlers.hpp"

namespace osbot_aws {
namespace runtime {
namespace {

constexpr std::string_view api = "/2018-06-01/runtime/";
constexpr std::chrono::milliseconds connect_max{5000}, for_ever{0};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string type_name(const std::exception& error) {
    int failed = 0;
    const std::unique_ptr<char, void (*)(void*)> plain(
        abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &failed), std::free);
    return failed == 0 ? plain.get() : typeid(error).name();
}

std::string error_json(std::string_view type, std::string_view message) {
    const Json error{{"errorMessage", message}, {"errorType", type}, {"stackTrace", Json::array()}};
    return base::dump_json_lossy(error);  // what() may be any bytes
}

constexpr const char* http_response_type = "application/vnd.awslambda.http-integration-response";

/// What a function URL is to answer, before the body:
/// https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
std::string http_prelude(int status, const Json& headers, const Json& cookies) {
    const Json said{{"statusCode", status}, {"headers", headers}, {"cookies", cookies}};
    return base::dump_json(said) + std::string(8, '\0');
}

/// An error for the log: a line, or an object when the function's logs are JSON.
void log_error(std::string_view type, std::string_view message, const std::string& request_id) {
    if (variable("AWS_LAMBDA_LOG_FORMAT") != "JSON") {
        std::fprintf(stderr, "[ERROR] %s: %s\n", std::string(type).c_str(), std::string(message).c_str());
        return;
    }
    Json error{{"timestamp", base::iso8601_ms_z(std::chrono::system_clock::now())},
               {"level", "ERROR"},
               {"errorType", type},
               {"errorMessage", message}};
    if (!request_id.empty()) error["requestId"] = request_id;
    std::fprintf(stderr, "%s\n", base::dump_json_lossy(error).c_str());
}

class Collected final : public Response_Writer {
public:
    void write(std::string_view piece) override { bytes.append(piece); }
    void http(int status, const Json& headers, const Json& cookies) override {
        bytes += http_prelude(status, headers, cookies);
    }
    std::string bytes;
};

/// Sends each piece as it is written. The request begins with the first one, so that a handler that fails before is an
/// error as any other.
class Streamed final : public Response_Writer {
public:
    Streamed(base::Http_Connection& connection, std::string head) : connection_(connection), head_(std::move(head)) {}

    void write(std::string_view piece) override {
        begin("application/octet-stream");
        good_ = good_ && connection_.chunk(piece, for_ever).has_value();
    }
    void http(int status, const Json& headers, const Json& cookies) override {
        begin(http_response_type);
        write(http_prelude(status, headers, cookies));
    }
    bool begun() const { return begun_; }
    /// False: the Runtime API has gone.
    bool end(std::string_view trailers = "") {
        begin("application/octet-stream");
        return good_ && connection_.end(trailers, for_ever) && connection_.receive(for_ever);
    }

private:
    void begin(const char* content_type) {
        if (std::exchange(begun_, true)) return;
        good_ = connection_
                    .begin(fmt::format("{}Content-Type: {}\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n"
                                       "Trailer: Lambda-Runtime-Function-Error-Type, "
                                       "Lambda-Runtime-Function-Error-Body\r\n",
                                       head_, content_type),
                           for_ever)
                    .has_value();
    }

    base::Http_Connection& connection_;
    std::string head_;
    bool begun_ = false, good_ = true;
};

class Loop {
    using Reply = std::optional<base::Http_Reply>;  // nothing: the Runtime API has gone

public:
    Loop(base::Http_Connection connection, std::string host)
        : connection_(std::move(connection)), host_(std::move(host)) {}

    /// Returns when the Runtime API has gone: the environment is being ended.
    void run(const Handler_Ref& handler) {
        Context context = fixed_part();
        auto event = exchange("GET", "invocation/next", "", "");
        while (event && event->status == 200) {
            fill(context, *event);
            event = one(handler, *event, context);
        }
    }

    void init_error(std::string_view type, const std::string& message) {
        log_error(type, message, "");
        exchange("POST", "init/error", error_json(type, message),
                 fmt::format("Lambda-Runtime-Function-Error-Type: {}\r\n", type));
    }

private:
    static Context fixed_part() {
        Context context;
        context.function_name = variable("AWS_LAMBDA_FUNCTION_NAME");
        context.function_version = variable("AWS_LAMBDA_FUNCTION_VERSION");
        context.log_group = variable("AWS_LAMBDA_LOG_GROUP_NAME");
        context.log_stream = variable("AWS_LAMBDA_LOG_STREAM_NAME");
        const std::string memory = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
        std::from_chars(memory.data(), memory.data() + memory.size(), context.memory_limit_mb);
        return context;
    }

    static Json json_header(const base::Http_Reply& event, std::string_view name) {
        const std::string_view text = event.header(name);
        return text.empty() ? Json() : base::parse_json(text);
    }

    static void fill(Context& context, const base::Http_Reply& event) {
        context.request_id = event.header("Lambda-Runtime-Aws-Request-Id");
        context.invoked_function_arn = event.header("Lambda-Runtime-Invoked-Function-Arn");
        context.trace_id = event.header("Lambda-Runtime-Trace-Id");
        context.client_context = json_header(event, "Lambda-Runtime-Client-Context");
        context.identity = json_header(event, "Lambda-Runtime-Cognito-Identity");
        long long deadline_ms = 0;
        const std::string_view text = event.header("Lambda-Runtime-Deadline-Ms");
        std::from_chars(text.data(), text.data() + text.size(), deadline_ms);
        context.deadline = std::chrono::system_clock::time_point(std::chrono::milliseconds(deadline_ms));
    }

    /// Runs one event and answers the next.
    Reply one(const Handler_Ref& handler, const base::Http_Reply& event, const Context& context) {
        if (handler.streams) return streamed(handler, event, context);
        Collected response;
        try {
            handler.call(event.body, context, response);
        } catch (const std::exception& error) { return failed(context, type_name(error), error.what()); } catch (...) {
            return failed(context, "unknown", "the handler threw something that is no std::exception");
        }
        flush();
        const std::string path = fmt::format("invocation/{}/response", context.request_id);
        const std::string_view headers = "Content-Type: application/json\r\n";
        if (event.header("Server") != "osbot_aws") {
            exchange("POST", path, response.bytes, headers);
            return exchange("GET", "invocation/next", "", "");
        }
        // The local engine takes response and next in one write, and answers both in one: half the system calls and
        // wake-ups of a warm invoke. AWS's own Runtime API is asked one thing at a time, as its documentation shows.
        const std::string next = head_of("GET", "invocation/next", "") + "Content-Length: 0\r\n\r\n";
        if (!connection_.send(head_of("POST", path, headers), response.bytes, for_ever, next)) return std::nullopt;
        if (!connection_.receive(for_ever)) return std::nullopt;
        return received(connection_.receive(for_ever));
    }

    Reply streamed(const Handler_Ref& handler, const base::Http_Reply& event, const Context& context) {
        Streamed response(connection_, head_of("POST", fmt::format("invocation/{}/response", context.request_id), ""));
        std::string type, message;
        try {
            handler.call(event.body, context, response);
        } catch (const std::exception& error) { type = type_name(error), message = error.what(); } catch (...) {
            type = "unknown", message = "the handler threw something that is no std::exception";
        }
        if (!type.empty() && !response.begun()) return failed(context, type, message);
        flush();
        std::string trailers;
        if (!type.empty()) {  // what was sent can't be taken back: the error follows it
            log_error(type, message, context.request_id);
            trailers =
                fmt::format("Lambda-Runtime-Function-Error-Type: {}\r\nLambda-Runtime-Function-Error-Body: {}\r\n",
                            type, base::base64_encode(error_json(type, message)));
        }
        if (!response.end(trailers)) return std::nullopt;
        return exchange("GET", "invocation/next", "", "");
    }

    Reply failed(const Context& context, const std::string& type, std::string_view message) {
        flush();
        log_error(type, message, context.request_id);
        exchange("POST", fmt::format("invocation/{}/error", context.request_id), error_json(type, message),
                 fmt::format("Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {}\r\n", type));
        return exchange("GET", "invocation/next", "", "");
    }

    // What a handler printed belongs to its event: it must be in the pipe before the response is.
    static void flush() {
        std::cout.flush();
        std::fflush(nullptr);
    }

    std::string head_of(std::string_view method, std::string_view path, std::string_view headers) const {
        return fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\n{}", method, api, path, host_, headers);
    }

    static Reply received(Result<base::Http_Reply> reply) {
        if (!reply) return std::nullopt;
        return std::move(*reply);
    }

    Reply exchange(std::string_view method, std::string_view path, std::string_view body, std::string_view headers) {
        return received(connection_.exchange(head_of(method, path, headers), body, for_ever));
    }

    base::Http_Connection connection_;
    std::string host_;
};

bool is_traced() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "TracerPid:") return status >> word && word != "0";
    return false;
}

/// Until gdb or lldb lets it go on; osbot local start --debug says which process that is. epoll_wait ends with EINTR
/// when its process was stopped and goes on, which most calls do not (signal(7)); stopping ourselves would leave a
/// signal behind for the debugger to get rid of.
void wait_for_debugger() {
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);  // it is not an ancestor, and Yama allows only those
    const base::Unique_Fd nothing(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event event;
    while (!is_traced()) ::epoll_wait(nothing.fd(), &event, 1, -1);
}

[[noreturn]] void serve(const std::string& address) {
    if (std::getenv("OSBOT_AWS_WAIT_FOR_DEBUGGER") != nullptr) wait_for_debugger();
    const std::size_t colon = address.rfind(':');
    int port = 0;
    if (colon != std::string::npos) std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
    auto connection =
        base::Http_Connection::connect_tcp(address.substr(0, colon), static_cast<std::uint16_t>(port), connect_max);
    if (!connection) {
        std::fprintf(stderr, "no Runtime API at %s: %s\n", address.c_str(), connection.error().message.c_str());
        std::exit(1);
    }
    Loop loop(std::move(*connection), address);
    const std::string wanted = variable("_HANDLER");
    const auto found = handlers().find(wanted);
    if (found == handlers().end()) {
        std::string names;
        for (const auto& [name, ref] : handlers()) names += (names.empty() ? "" : ", ") + name;
        loop.init_error("Runtime.HandlerNotFound",
                        fmt::format("Handler '{}' is not registered in this program; it has: {}", wanted, names));
        std::_Exit(1);
    }
    loop.run(found->second);
    std::_Exit(0);  // static destructors have nothing to save, and the process is about to be killed
}

}  // namespace
}  // namespace runtime

void serve_if_lambda() {
    if (std::getenv("OSBOT_AWS_LIST_HANDLERS") != nullptr) {
        for (const auto& [name, handler] : runtime::handlers()) std::puts(name.c_str());
        std::exit(0);
    }
    if (const std::string address = runtime::variable("AWS_LAMBDA_RUNTIME_API");
        !address.empty() && std::getenv("_HANDLER") != nullptr) {
        runtime::serve(address);
    }
}

}  // namespace osbot_aws

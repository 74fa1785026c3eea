#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// Information about an invocation, passed to the handler with the event.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
struct Context {
    std::string request_id;                          ///< id of this invocation
    std::string invoked_function_arn;                ///< with the version or alias that the caller used
    std::string function_name;                       ///< without version or alias
    std::string function_version;                    ///< $LATEST or a number
    int memory_limit_mb = 0;                         ///< the function's memory in MB
    std::string log_group;                           ///< /aws/lambda/NAME
    std::string log_stream;                          ///< log stream of this execution environment
    std::chrono::system_clock::time_point deadline;  ///< time at which Lambda stops the invocation
    std::string trace_id;                            ///< X-Ray trace id; empty if there is none
    Json client_context;                             ///< Invoke_Options::client_context; null if there is none
    Json identity;                                   ///< Cognito identity of the caller; null if there is none

    /// Returns the time until `deadline`; 0 if it has passed.
    std::chrono::milliseconds remaining_time() const;
};

/// Sends a response in pieces, for large responses. The limit is 200 MB (209,715,200 bytes) if the caller requested a
/// streamed response, else 6 MB.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
class Response_Writer {
public:
    virtual ~Response_Writer() = default;
    /// Appends a piece to the response. If the caller requested a streamed response, the piece is sent immediately.
    virtual void write(std::string_view piece) = 0;
    /// Sets the HTTP status, headers ({name: text}) and cookies ([text]) of a function URL's response. Call it before
    /// the first write(). For other callers, the same information becomes the first bytes of the response.
    /// Source: https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
    virtual void http(int status, const Json& headers = Json::object(), const Json& cookies = Json::array()) = 0;
};

/// A function of this program that can be deployed. Created by handler<f>.
struct Handler_Ref {
    /// The signature that the runtime calls.
    using Call = void (*)(std::string_view event, const Context& context, Response_Writer& response);
    std::string name;      ///< value of Lambda's Handler setting: `a_b_f` for `a::b::f`
    Call call = nullptr;   ///< calls the handler
    bool streams = false;  ///< whether the handler writes its response in pieces
};

namespace internal {

/// Registers a handler before main() under its name. Two handlers with the same name terminate the program with an
/// error that names both.
Handler_Ref register_handler(std::string_view pretty_function, Handler_Ref::Call call, bool streams);

void call_json(Json (*f)(const Json&, const Context&), std::string_view event, const Context& context,
               Response_Writer& response);

template <auto f>
void call(std::string_view event, const Context& context, Response_Writer& response) {
    using F = decltype(f);
    if constexpr (std::is_invocable_v<F, std::string_view, const Context&, Response_Writer&>) {
        f(event, context, response);
    } else if constexpr (std::is_same_v<F, Json (*)(const Json&, const Context&)>) {
        call_json(f, event, context, response);
    } else {
        static_assert(
            std::is_invocable_r_v<std::string, F, std::string_view, const Context&>,
            "a handler is Json f(const Json&, const Context&), std::string f(std::string_view, const Context&), or "
            "void f(std::string_view, const Context&, Response_Writer&)");
        response.write(f(event, context));
    }
}

template <auto f>
constexpr bool writes_pieces = std::is_invocable_v<decltype(f), std::string_view, const Context&, Response_Writer&>;

template <auto f>
Handler_Ref registered() {
    return register_handler(__PRETTY_FUNCTION__, &call<f>, writes_pieces<f>);
}

}  // namespace internal

/// Registers the function f of this program as a Lambda handler. Any use of `handler<f>` registers f before main(), so
/// that the same executable can run it inside Lambda. f has one of these signatures:
///
/// - `Json f(const Json&, const Context&)`
/// - `std::string f(std::string_view, const Context&)`; the text is the response, unchanged
/// - `void f(std::string_view, const Context&, Response_Writer&)`
///
/// An overloaded f needs a cast to select one overload. An exception thrown by f is the invocation's error: {errorType:
/// the exception's type, errorMessage: its what()}.
template <auto f>
inline const Handler_Ref handler = internal::registered<f>();

/// Runs the handler if the program was started by Lambda. Inside Lambda, it serves invocations of the handler named in
/// `_HANDLER` and does not return. With OSBOT_AWS_LIST_HANDLERS=1, it prints the handlers, one per line, and exits.
/// Otherwise it returns immediately. The constructor of Deploy_Lambda calls it. Call it in the first line of main()
/// only if the program does expensive work before it creates a Deploy_Lambda.
void serve_if_lambda();

}  // namespace osbot_aws

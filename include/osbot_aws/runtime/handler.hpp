#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/runtime/handler_call.hpp>
#include <osbot_aws/runtime/handler_name.hpp>

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
    std::string trace_id;                            ///< of X-Ray; also in $_X_AMZN_TRACE_ID
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
    /// the first write(). For other callers, the same information becomes the first bytes of the response;
    /// Lambda::invoke() and `osbot invoke` return it with the body: {statusCode, headers, cookies, body}.
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

/// Registers a handler before main(). `function` is the compiler's name of the function, or the name that the program
/// gave. Two handlers with the same name terminate the program with an error that names both.
Handler_Ref register_handler(std::string_view function, Handler_Ref::Call call, bool streams);

template <auto f, Handler_Name name>
Handler_Ref registered() {
    return register_handler(name_of_handler<f, name>(), &call<f>, Shape_Of<f>::writes_pieces);
}

}  // namespace internal

/// Registers the function f of this program as a Lambda handler. Any use of `handler<f>` registers f before main(), so
/// that the same executable can run it inside Lambda.
///
///     Json price(const Json& event, const Context& context);
///     Receipt process(const Order& order);  // any types that nlohmann::json converts
///     void count_up(std::string_view event, Response_Writer& response);
///     Deploy_Lambda deploy{handler<price>};
///     Deploy_Lambda other{handler<[](const Json& event) { return event.at("name"); }, "greet">};
///
/// The parameters of f, each of which may be absent:
/// - the event: Json; std::string_view or std::string, the text of the event unchanged; or a type with from_json
///   (NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE). An event that does not match is the error Runtime.UnmarshalError, which
///   names the value that does not match: `/items/2/price`.
/// - `const Context&`
/// - `Response_Writer&`, for a handler that writes its response in pieces
///
/// The result of f: Json or a type with to_json; void, which is the response `null`; or a text. A text is the response
/// unchanged if the event is a text, too; else it is a JSON string.
///
/// The handler's name is that of the function, with `_` for `::`. A lambda has no name: pass one as the second
/// argument, otherwise it is `lambda`. Two instances of a template may need one, too: compilers do not write its
/// arguments alike. An overloaded f needs a cast to select one overload.
///
/// Errors: an exception thrown by f is the invocation's error: {errorType: the exception's type, errorMessage: its
/// what(), followed by those of nested exceptions}.
template <auto f, Handler_Name name = Handler_Name()>
inline const Handler_Ref handler = internal::registered<f, name>();

/// Runs the handler if the program was started by Lambda. Inside Lambda, it serves invocations of the handler named in
/// `_HANDLER` and does not return. With OSBOT_AWS_LIST_HANDLERS=1, it prints the handlers, one per line, and exits.
/// Otherwise it returns immediately. The constructor of Deploy_Lambda calls it. Call it in the first line of main()
/// only if the program does expensive work before it creates a Deploy_Lambda.
void serve_if_lambda();

}  // namespace osbot_aws

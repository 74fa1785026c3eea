#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// What a handler is told about the call besides the event:
/// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
struct Context {
    std::string request_id;                          ///< of this call
    std::string invoked_function_arn;                ///< as the caller named it, e.g. with an alias
    std::string function_name;                       ///< without version
    std::string function_version;                    ///< $LATEST or a number
    int memory_limit_mb = 0;                         ///< MB
    std::string log_group;                           ///< /aws/lambda/NAME
    std::string log_stream;                          ///< of this environment
    std::chrono::system_clock::time_point deadline;  ///< when Lambda ends this call
    std::string trace_id;                            ///< X-Ray; empty: none
    Json client_context;                             ///< Invoke_Options::client_context; null: none
    Json identity;                                   ///< of Cognito; null: none

    /// Until `deadline`; never negative.
    std::chrono::milliseconds remaining_time() const;
};

/// A response in pieces, for a handler that has much to say: 200 MB (209,715,200 bytes) when it was invoked for a
/// stream, else 6 MB. https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
class Response_Writer {
public:
    virtual ~Response_Writer() = default;
    /// Sends a piece; who waits for the response gets it now, when the function was invoked for a stream.
    virtual void write(std::string_view piece) = 0;
    /// Before the first write(), for a function URL: status, headers ({name: text}) and cookies ([text]) of the answer.
    /// Elsewhere it is part of the response.
    /// Source: https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
    virtual void http(int status, const Json& headers = Json::object(), const Json& cookies = Json::array()) = 0;
};

/// A function of this program that can be deployed: its name and how to call it. Made by handler<f>.
struct Handler_Ref {
    /// What the runtime calls.
    using Call = void (*)(std::string_view event, const Context& context, Response_Writer& response);
    std::string name;      ///< as Lambda's Handler setting says it; `a::b::f` is `a_b_f`
    Call call = nullptr;   ///< the function itself
    bool streams = false;  ///< its response may be sent in pieces
};

namespace internal {

/// Registers before main, under the name; two of one name end the program with both.
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

/// Points at a function of this very program: naming `handler<f>` anywhere registers f before main begins, so that the
/// same executable finds it when it starts inside Lambda. An overloaded f needs a cast that says which one. f is
/// `Json f(const Json&, const Context&)`, `std::string f(std::string_view, const Context&)`, whose text is the response
/// as it is, or `void f(std::string_view, const Context&, Response_Writer&)`. What f throws is the call's error:
/// {errorType: the exception's type, errorMessage: its what()}.
template <auto f>
inline const Handler_Ref handler = internal::registered<f>();

/// Inside Lambda: serves the handler that `_HANDLER` names, and does not return. With OSBOT_AWS_LIST_HANDLERS=1: prints
/// the handlers, one a line, and exits. Elsewhere: returns at once. Deploy_Lambda's constructor calls it, so that only
/// programs that do much before making one need it as the first line of main.
void serve_if_lambda();

}  // namespace osbot_aws

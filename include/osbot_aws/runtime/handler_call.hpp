// Calls a handler with the parameters that its signature has. Used by handler<f>; programs do not include this file.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

struct Context;
class Response_Writer;

namespace internal {

/// Parses an event. Throws the invocation's error Runtime.UnmarshalError.
Json parse_event(std::string_view text);
/// Converts an event and discards the value; throws if the event does not match.
using Try_Event = void (*)(const Json& event);
/// Throws the invocation's error Runtime.UnmarshalError, with the path of the value that does not match.
[[noreturn]] void reject_event(Json event, Try_Event try_event, const Json::exception& error);
/// Writes a result as JSON. Throws the invocation's error Runtime.MarshalError if a text in it is not valid UTF-8.
void write_json(const Json& result, Response_Writer& response);
/// Writes a result unchanged.
void write_text(std::string_view result, Response_Writer& response);

/// The signature of a handler, as a function type; void if f is not a function or its operator() is overloaded.
template <class F>
struct Signature_Of : std::type_identity<void> {};
template <class R, class... P>
struct Signature_Of<R (*)(P...)> : std::type_identity<R(P...)> {};
template <class R, class... P>
struct Signature_Of<R (*)(P...) noexcept> : std::type_identity<R(P...)> {};

template <class F>
struct Call_Operator : std::type_identity<void> {};
template <class R, class... P>
struct Call_Operator<R (*)(P...)> : std::type_identity<R(P...)> {};  // static, since C++23
template <class C, class R, class... P>
struct Call_Operator<R (C::*)(P...) const> : std::type_identity<R(P...)> {};
template <class C, class R, class... P>
struct Call_Operator<R (C::*)(P...) const noexcept> : std::type_identity<R(P...)> {};
template <class F>
requires requires { &F::operator(); }
struct Signature_Of<F> : Call_Operator<decltype(&F::operator())> {};

template <class P>
constexpr bool is_context = std::is_same_v<std::remove_cvref_t<P>, Context>;
template <class P>
constexpr bool is_response = std::is_same_v<std::remove_cvref_t<P>, Response_Writer>;
template <class P>
constexpr bool is_event = !is_context<P> && !is_response<P>;
template <class T>
constexpr bool is_text = std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string>;

/// The event of a handler that has no parameter for it.
struct No_Event {};

/// The type of the event parameter, without const and reference.
template <class... P>
struct Event_Of : std::type_identity<No_Event> {};
template <class P, class... Rest>
struct Event_Of<P, Rest...>
    : std::conditional_t<is_event<P>, std::type_identity<std::remove_cvref_t<P>>, Event_Of<Rest...>> {};

template <class T>
concept Event_Value = std::is_same_v<T, Json> || std::is_same_v<T, No_Event> || is_text<T> ||
    (!std::is_pointer_v<T> && requires(const Json& event) { event.get<T>(); });

template <class E>
E event_of(std::string_view text) {
    if constexpr (std::is_same_v<E, Json>) {
        return parse_event(text);
    } else if constexpr (is_text<E>) {
        return E(text);
    } else if constexpr (std::is_same_v<E, No_Event>) {
        return {};
    } else {
        Json event = parse_event(text);
        try {
            return event.get<E>();
        } catch (const Json::exception& error) {
            reject_event(
                std::move(event), [](const Json& tried) { static_cast<void>(tried.get<E>()); }, error);
        }
    }
}

template <class P, class E>
constexpr decltype(auto) argument(E& event, const Context& context, Response_Writer& response) {
    if constexpr (is_context<P>)
        return (context);
    else if constexpr (is_response<P>)
        return (response);
    else if constexpr (std::is_lvalue_reference_v<P>)
        return (event);
    else
        return std::move(event);
}

/// How a handler with this signature is called, and which signatures are valid. `S` is void if there is none.
template <class S>
struct Handler_Shape {
    static constexpr bool parameters_are_valid = false, writes_pieces = false;
};

template <class R, class... P>
struct Handler_Shape<R(P...)> {
    using Event = typename Event_Of<P...>::type;

    static constexpr bool writes_pieces = (false || ... || is_response<P>);
    static constexpr bool parameters_are_valid =
        (0 + ... + int{is_event<P>}) <= 1 && (0 + ... + int{is_context<P>}) <= 1 &&
        (0 + ... + int{is_response<P>}) <= 1 &&
        (true && ... && (!is_context<P> || std::is_convertible_v<const Context&, P>)) &&
        (true && ... && (!is_response<P> || std::is_same_v<P, Response_Writer&>));
    static constexpr bool event_is_valid = Event_Value<Event>;
    static constexpr bool result_is_text =
        is_text<Event> && !std::is_same_v<std::remove_cvref_t<R>, Json> && std::is_convertible_v<R, std::string_view>;
    static constexpr bool result_is_valid =
        std::is_void_v<R> || (!writes_pieces && (result_is_text || std::is_constructible_v<Json, R>));

    template <auto f>
    static void call(std::string_view text, const Context& context, Response_Writer& response) {
        Event event = event_of<Event>(text);
        if constexpr (result_is_text) {
            write_text(f(argument<P>(event, context, response)...), response);
        } else if constexpr (!std::is_void_v<R>) {
            write_json(Json(f(argument<P>(event, context, response)...)), response);
        } else {
            f(argument<P>(event, context, response)...);
            if constexpr (!writes_pieces) write_text("null", response);
        }
    }
};

template <auto f>
using Shape_Of = Handler_Shape<typename Signature_Of<std::remove_const_t<decltype(f)>>::type>;

/// Calls f. If its signature is not one of a handler, compiling fails with one of these messages.
template <auto f>
void call(std::string_view event, const Context& context, Response_Writer& response) {
    using Shape = Shape_Of<f>;
    if constexpr (!Shape::parameters_are_valid)
        static_assert(
            Shape::parameters_are_valid,
            "handler<f>: f must be a function or a lambda without captures, overloads and auto parameters. Its "
            "parameters are the event (by value or const&), const Context& and Response_Writer&, each at most "
            "once");
    else if constexpr (!Shape::event_is_valid)
        static_assert(Shape::event_is_valid,
                      "handler<f>: the event parameter of f must be Json, std::string_view, std::string or a type with "
                      "from_json (NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE)");
    else if constexpr (!Shape::result_is_valid)
        static_assert(Shape::result_is_valid,
                      "handler<f>: f must return void, Json, a text or a type with to_json "
                      "(NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE); void if it has a Response_Writer&");
    else
        Shape::template call<f>(event, context, response);
}

}  // namespace internal
}  // namespace osbot_aws

#pragma once

#include <cassert>
#include <cstddef>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <osbot_aws/core/Error.hpp>

namespace osbot_aws {

/// A value or an Error.
///
///     OSBOT_TRY(const Function created, functions.create(params));  // returns the error, if there is one
///     OSBOT_TRY(functions.remove(name));                            // the same without a value
///     const Function f = functions.create(params).value();          // or: throws Aws_Exception
///
/// transform(), and_then() and or_else() are those of std::expected (docs/development/conventions.md).
/// Dereferencing an error is a bug in the caller: an assert that is also active in release builds fails.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T& operator*() & { return held<0>(state_); }
    const T& operator*() const& { return held<0>(state_); }
    T&& operator*() && { return std::move(held<0>(state_)); }
    T* operator->() { return &held<0>(state_); }
    const T* operator->() const { return &held<0>(state_); }

    Error& error() & { return held<1>(state_); }
    const Error& error() const& { return held<1>(state_); }
    Error&& error() && { return std::move(held<1>(state_)); }

    T& value() & { return require(), **this; }
    const T& value() const& { return require(), **this; }
    T&& value() && { return require(), std::move(**this); }

    /// The result of `change(value)`, or the error.
    template <class Change>
    auto transform(Change&& change) const& -> Result<std::invoke_result_t<Change, const T&>> {
        if (!has_value()) return error();
        return std::invoke(std::forward<Change>(change), **this);
    }
    template <class Change>
    auto transform(Change&& change) && -> Result<std::invoke_result_t<Change, T>> {
        if (!has_value()) return std::move(*this).error();
        return std::invoke(std::forward<Change>(change), *std::move(*this));
    }

    /// `next(value)`, which is a Result, or the error.
    template <class Next>
    auto and_then(Next&& next) const& -> std::invoke_result_t<Next, const T&> {
        if (!has_value()) return error();
        return std::invoke(std::forward<Next>(next), **this);
    }
    template <class Next>
    auto and_then(Next&& next) && -> std::invoke_result_t<Next, T> {
        if (!has_value()) return std::move(*this).error();
        return std::invoke(std::forward<Next>(next), *std::move(*this));
    }

    /// The value, or `handle(error)`, which is a value or an Error.
    template <class Handle>
    Result or_else(Handle&& handle) const& {
        if (has_value()) return *this;
        return std::invoke(std::forward<Handle>(handle), error());
    }
    template <class Handle>
    Result or_else(Handle&& handle) && {
        if (has_value()) return std::move(*this);
        return std::invoke(std::forward<Handle>(handle), std::move(*this).error());
    }

private:
    /// The assert detects misuse and silences -Wnull-dereference, which reports every unchecked get_if at -O2.
    template <std::size_t index, class State>
    static auto& held(State& state) {
        auto* value = std::get_if<index>(&state);
        assert(value != nullptr);
        return *value;
    }

    void require() const {
        if (!has_value()) throw Aws_Exception(error());
    }

    std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return has_value(); }
    const Error& error() const& { return assert(error_), *error_; }
    Error&& error() && { return assert(error_), std::move(*error_); }
    void value() const {
        if (error_) throw Aws_Exception(*error_);
    }

    /// `next()`, which is a Result, or the error.
    template <class Next>
    auto and_then(Next&& next) const -> std::invoke_result_t<Next> {
        if (error_) return *error_;
        return std::invoke(std::forward<Next>(next));
    }

    /// Success, or `handle(error)`, which is a Result<void> or an Error.
    template <class Handle>
    Result or_else(Handle&& handle) const {
        if (!error_) return *this;
        return std::invoke(std::forward<Handle>(handle), *error_);
    }

private:
    std::optional<Error> error_;
};

/// OSBOT_TRY(expression) returns the error of `expression`, a Result, from the enclosing function.
/// OSBOT_TRY(declaration, expression) also initialises the declared variable, or assigns to an existing one, with the
/// value. A comma outside of parentheses, such as in `<a, b>` or `{a, b}`, needs parentheses around the expression.
/// Standard C++: of a GNU statement expression, g++ 12 leaks the members of an object that it initialises in part.
#define OSBOT_TRY(...) OSBOT_TRY_OF_2(__VA_ARGS__, OSBOT_TRY_VALUE, OSBOT_TRY_CHECK, )(__VA_ARGS__)
#define OSBOT_TRY_OF_2(first, second, macro, ...) macro

#define OSBOT_TRY_CHECK(expression)                                                  \
    do {                                                                             \
        if (auto&& result_to_check = (expression); !result_to_check)                 \
            return std::forward<decltype(result_to_check)>(result_to_check).error(); \
    } while (false)

#define OSBOT_TRY_VALUE(declaration, expression) OSBOT_TRY_NAMED(OSBOT_TRY_NAME(__LINE__), declaration, expression)
#define OSBOT_TRY_NAMED(result, declaration, expression)                \
    auto&& result = (expression);                                       \
    if (!result) return std::forward<decltype(result)>(result).error(); \
    declaration = *std::forward<decltype(result)>(result)
#define OSBOT_TRY_NAME(line) OSBOT_TRY_JOINED(line)
#define OSBOT_TRY_JOINED(line) result_in_line_##line

}  // namespace osbot_aws

#pragma once

#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

#include <osbot_aws/core/Error.hpp>

namespace osbot_aws {

/// A value or an Error.
///
///     Result<Function> created = functions.create(params);
///     if (!created) return created.error();          // check it
///     use(*created);
///     const Function f = functions.create(params).value();  // or: throws Aws_Exception
///
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
    const Error& error() const { return *error_; }
    void value() const {
        if (error_) throw Aws_Exception(*error_);
    }

private:
    std::optional<Error> error_;
};

}  // namespace osbot_aws

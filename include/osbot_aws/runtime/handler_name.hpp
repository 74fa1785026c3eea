// The name of a handler at compile time: given by the program, or the name of its function.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace osbot_aws {

/// The name of a handler as a template argument: `handler<f, "price">`. 1 to 64 of a-z, A-Z, 0-9, - and _, because it
/// is also the default name of the Lambda function. Another name does not compile.
struct Handler_Name {
    char text[65] = {};

    constexpr Handler_Name() = default;
    template <std::size_t size>
    consteval Handler_Name(const char (&name)[size]) {  // NOLINT(google-explicit-constructor): handler<f, "price">
        static_assert(1 < size && size <= sizeof text, "the name of a handler has 1 to 64 characters");
        if (!std::all_of(name, name + size - 1, is_allowed))
            throw "the name of a handler contains only a-z, A-Z, 0-9 and _";
        std::copy(name, name + size, text);
    }
    constexpr std::string_view view() const { return text; }

private:
    static constexpr bool is_allowed(char c) {
        return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_';
    }
};

namespace known {
inline void function() {}  // not in `internal`, because g++ omits the namespace of text_with_name()
}  // namespace known

namespace internal {

constexpr std::string_view known_name = "osbot_aws::known::function";

/// Returns a text that contains the name of f, between a prefix and a suffix that depend on the compiler.
template <auto f>
constexpr std::string_view text_with_name() {
    return __PRETTY_FUNCTION__;
}

/// Returns the qualified name of f, as this compiler writes it: `shop::price`. The text about a function with a known
/// name shows the prefix and the suffix, so that no compiler's format is assumed.
template <auto f>
constexpr std::string_view function_name() {
    constexpr std::string_view known = text_with_name<&known::function>();
    constexpr std::size_t prefix = known.find(known_name);
    static_assert(prefix != std::string_view::npos,
                  "this compiler does not write the names of functions; pass the name: handler<f, \"name\">");
    const std::string_view text = text_with_name<f>();
    return text.substr(prefix, text.size() - (known.size() - known_name.size()));
}

/// Returns the name that the program gave, else the name of the function, else that of all lambdas, which have none.
template <auto f, Handler_Name name>
constexpr std::string_view name_of_handler() {
    if constexpr (!name.view().empty())
        return name.view();
    else if constexpr (std::is_class_v<decltype(f)>)
        return "lambda";
    else
        return function_name<f>();
}

}  // namespace internal
}  // namespace osbot_aws

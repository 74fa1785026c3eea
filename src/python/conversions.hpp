// Converts Python values to C++ values and back, without JSON text as an intermediate step.
#pragma once

#include <nanobind/nanobind.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws::python {

namespace nb = nanobind;

/// An argument of any type, including None.
struct Value : nb::handle {
    explicit Value(nb::handle object) : handle(object) {}
};

/// Returns the UTF-8 bytes of a str, which owns them. Raises UnicodeEncodeError for an unpaired surrogate.
std::string_view utf8(nb::handle text);

/// Converts any value that json.dumps() accepts. Raises TypeError and ValueError with the messages of json.dumps().
Json json_of(nb::handle value);
nb::object to_python(const Json& json);
nb::object to_python(bool value);
nb::object to_python(std::string_view text);
nb::object to_python(const std::vector<std::string>& texts);
nb::object to_python(const std::filesystem::path& path);
inline nb::object to_python(const std::string& text) { return to_python(std::string_view(text)); }
inline nb::object to_python(const char*) = delete;
template <class T>
nb::object to_python(const std::optional<T>& value) {
    return value ? to_python(*value) : nb::none();
}
template <class T>
requires requires(const T& result) { result.to_json(); }
nb::object to_python(const T& result) { return to_python(result.to_json()); }

/// Returns the service's response, or {'status': 'error', 'error': 'CODE: reason'}.
Json response_or_error(const Status& status);

/// Converts a text; an empty text becomes None.
nb::object or_none(std::string_view text);

/// Returns an attribute of a Python object; `name` must be a string literal. Raises AttributeError.
nb::object attribute_of(nb::handle object, const char* name);
// Read an attribute of a Python object; None becomes empty. Raise TypeError with the attribute's name.
std::string text(nb::handle object, const char* attribute);
int number(nb::handle object, const char* attribute);
std::vector<std::string> texts(nb::handle object, const char* attribute);

// Convert an argument; None becomes empty. Raise TypeError with the argument's name.
std::string text_of(nb::handle value, const char* name);  ///< a str or a path
std::string bytes_of(nb::handle value, const char* name);
int number_of(nb::handle value, const char* name);  ///< an int; not a bool
std::optional<int> number_or_none(nb::handle value, const char* name);
std::optional<bool> flag_or_none(nb::handle value, const char* name);
std::vector<std::string> texts_of(nb::handle value, const char* name);
std::map<std::string, std::string> text_map_of(nb::handle value, const char* name);

}  // namespace osbot_aws::python

namespace nanobind::detail {

template <>
struct has_arg_defaults<osbot_aws::python::Value> : std::true_type {};  // allows None

template <>
struct type_caster<osbot_aws::python::Value> {
    using Value = osbot_aws::python::Value;
    static constexpr auto Name = const_name("object | None");
    template <class>
    using Cast = Value;
    template <class>
    static constexpr bool can_cast() {
        return true;
    }
    bool from_python(handle source, std::uint32_t, cleanup_list*) noexcept {
        value = source;
        return true;
    }
    explicit operator Value() const { return Value(value); }

private:
    handle value;
};

}  // namespace nanobind::detail

// Python's values as C++'s, and back, without text between them.
#pragma once

#include <nanobind/nanobind.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::python {

namespace nb = nanobind;

/// An argument that may be anything, None as well.
struct Value : nb::handle {
    explicit Value(nb::handle given) : handle(given) {}
};

/// The characters of a str, which owns them. Raises UnicodeEncodeError for half a surrogate pair.
std::string_view utf8(nb::handle text);

/// What json.dumps() takes. Raises TypeError and ValueError, in its words.
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
requires requires(const T& answer) { answer.to_json(); }
nb::object to_python(const T& answer) { return to_python(answer.to_json()); }

/// Empty is None, as for what isn't there.
nb::object or_none(std::string_view text);

/// The attribute of this name, a literal. Raises AttributeError.
nb::object attribute_of(nb::handle object, const char* name);
/// Attributes of a Python object; None is empty. Raise TypeError naming the attribute.
std::string text(nb::handle object, const char* attribute);
std::string bytes(nb::handle object, const char* attribute);
int number(nb::handle object, const char* attribute);
std::vector<std::string> texts(nb::handle object, const char* attribute);
std::map<std::string, std::string> text_map(nb::handle object, const char* attribute);

/// Arguments. Raise TypeError naming the argument.
std::string text_of(nb::handle value, const char* name);  ///< a str, or a path; None is empty
std::string bytes_of(nb::handle value, const char* name);
std::vector<std::string> texts_of(nb::handle value, const char* name);
std::map<std::string, std::string> text_map_of(nb::handle value, const char* name);

}  // namespace osbot_aws::python

namespace nanobind::detail {

template <>
struct has_arg_defaults<osbot_aws::python::Value> : std::true_type {};  // makes None one of its values

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
    bool from_python(handle given, std::uint32_t, cleanup_list*) noexcept {
        value = given;
        return true;
    }
    explicit operator Value() const { return Value(value); }

private:
    handle value;
};

}  // namespace nanobind::detail

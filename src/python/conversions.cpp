#include "python/conversions.hpp"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>

#include "base/json.hpp"

namespace osbot_aws::python {
namespace {

[[noreturn]] void raise_type_error(const std::string& text) { throw nb::type_error(text.c_str()); }
[[noreturn]] void raise_type_error(const char* name, const char* expected, nb::handle value) {
    raise_type_error(fmt::format("{} must be {}, not {}", name, expected, nb::type_name(value.type()).c_str()));
}

/// Limits the recursion depth: a container may contain itself.
class Depth {
public:
    Depth() {
        if (Py_EnterRecursiveCall(" while converting an object to JSON") != 0) throw nb::python_error();
    }
    ~Depth() { Py_LeaveRecursiveCall(); }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
};

Json json_of_int(nb::handle value) {
    int overflow = 0;
    const long long small = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    if (overflow == 0) return small;
    const unsigned long long large = overflow > 0 ? PyLong_AsUnsignedLongLong(value.ptr()) : 0;
    if (overflow < 0 || PyErr_Occurred() != nullptr) {
        PyErr_Clear();
        throw nb::value_error("the integer has more than 64 bits: send it as a string");
    }
    return large;
}

std::string key_of(nb::handle key) {
    if (PyUnicode_Check(key.ptr())) return std::string(utf8(key));
    const bool simple = key.is_none() || PyBool_Check(key.ptr()) || PyLong_Check(key.ptr()) || PyFloat_Check(key.ptr());
    if (!simple)
        raise_type_error(
            fmt::format("keys must be str, int, float, bool or None, not {}", nb::type_name(key.type()).c_str()));
    return PyFloat_Check(key.ptr()) ? std::string(nb::repr(key).c_str()) : base::dump_json(json_of(key));
}

}  // namespace

std::string_view utf8(nb::handle text) {
    Py_ssize_t size = 0;
    const char* bytes = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
    if (bytes == nullptr) throw nb::python_error();
    return {bytes, static_cast<std::size_t>(size)};
}

Json json_of(nb::handle value) {
    PyObject* const object = value.ptr();
    if (PyUnicode_Check(object)) return std::string(utf8(value));
    if (PyBool_Check(object)) return object == Py_True;
    if (PyLong_Check(object)) return json_of_int(value);
    if (PyFloat_Check(object)) {
        const double number = PyFloat_AsDouble(object);
        if (!std::isfinite(number)) throw nb::value_error("Out of range float values are not JSON compliant");
        return number;
    }
    if (value.is_none()) return nullptr;
    const Depth depth;
    if (PyDict_Check(object)) {
        Json json = Json::object();
        for (const auto& [key, item] : nb::borrow<nb::dict>(value)) json[key_of(key)] = json_of(item);
        return json;
    }
    if (PyList_Check(object) || PyTuple_Check(object)) {
        Json json = Json::array();
        for (const nb::handle item : value) json.push_back(json_of(item));
        return json;
    }
    raise_type_error(fmt::format("Object of type {} is not JSON serializable", nb::type_name(value.type()).c_str()));
}

// ---- to Python ----

nb::object to_python(const Json& json) {
    switch (json.type()) {
        case Json::value_t::boolean:
            return to_python(json.get<bool>());
        case Json::value_t::number_integer:
            return nb::int_(json.get<long long>());
        case Json::value_t::number_unsigned:
            return nb::int_(json.get<unsigned long long>());
        case Json::value_t::number_float:
            return nb::float_(json.get<double>());
        case Json::value_t::string:
            return to_python(json.get_ref<const std::string&>());
        case Json::value_t::array: {
            nb::list list;
            for (const Json& item : json) list.append(to_python(item));
            return list;
        }
        case Json::value_t::object: {
            nb::dict dict;
            for (const auto& [key, item] : json.items()) dict[to_python(key)] = to_python(item);
            return dict;
        }
        default:
            return nb::none();
    }
}

nb::object to_python(bool value) { return nb::bool_(value); }

nb::object to_python(std::string_view text) {  // "replace": logs may contain invalid UTF-8
    PyObject* decoded = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
    if (decoded == nullptr) throw nb::python_error();
    return nb::steal(decoded);
}

nb::object to_python(const std::vector<std::string>& texts) {
    nb::list list;
    for (const std::string& text : texts) list.append(to_python(text));
    return list;
}

nb::object to_python(const std::filesystem::path& path) { return to_python(path.string()); }

Json response_or_error(const Status& status) {
    return status ? status.data : Json{{"status", "error"}, {"error", status.error}};
}

nb::object or_none(std::string_view text) { return text.empty() ? nb::none() : to_python(text); }

// ---- attributes and arguments ----

std::string text_of(nb::handle value, const char* name) {
    if (value.is_none()) return "";
    if (PyUnicode_Check(value.ptr())) return std::string(utf8(value));
    PyObject* path = PyOS_FSPath(value.ptr());
    if (path == nullptr) {
        PyErr_Clear();
        raise_type_error(name, "str", value);
    }
    return std::string(utf8(nb::str(nb::steal(path))));
}

std::string bytes_of(nb::handle value, const char* name) {
    if (value.is_none()) return "";
    Py_buffer view;
    if (PyUnicode_Check(value.ptr()) || PyObject_GetBuffer(value.ptr(), &view, PyBUF_SIMPLE) != 0) {
        PyErr_Clear();
        raise_type_error(name, "bytes", value);
    }
    std::string copy(static_cast<const char*>(view.buf), static_cast<std::size_t>(view.len));
    PyBuffer_Release(&view);
    return copy;
}

std::vector<std::string> texts_of(nb::handle value, const char* name) {
    if (value.is_none()) return {};
    // str and dict are iterable too, but passing one is a mistake.
    if (PyUnicode_Check(value.ptr()) || PyDict_Check(value.ptr())) raise_type_error(name, "a list of str", value);
    std::vector<std::string> result;
    for (const nb::handle item : nb::iter(value)) result.push_back(text_of(item, name));
    return result;
}

std::map<std::string, std::string> text_map_of(nb::handle value, const char* name) {
    if (value.is_none()) return {};
    if (!PyDict_Check(value.ptr())) raise_type_error(name, "a dict of str", value);
    std::map<std::string, std::string> result;
    for (const auto& [key, item] : nb::borrow<nb::dict>(value)) {
        const std::string key_text = nb::repr(key).c_str();  // errors do not contain the value, which may be secret
        if (!PyUnicode_Check(key.ptr()))
            raise_type_error(fmt::format("the key {} of {}", key_text, name).c_str(), "str", key);
        if (!PyUnicode_Check(item.ptr())) raise_type_error(fmt::format("{}[{}]", name, key_text).c_str(), "str", item);
        result[std::string(utf8(key))] = utf8(item);
    }
    return result;
}

int number_of(nb::handle value, const char* name) {
    int result = 0;
    if (PyBool_Check(value.ptr()) || !nb::try_cast(value, result)) raise_type_error(name, "an int", value);
    return result;
}

std::optional<int> number_or_none(nb::handle value, const char* name) {
    return value.is_none() ? std::nullopt : std::optional(number_of(value, name));
}

std::optional<bool> flag_or_none(nb::handle value, const char* name) {
    if (value.is_none()) return std::nullopt;
    if (!PyBool_Check(value.ptr())) raise_type_error(name, "a bool", value);
    return value.ptr() == Py_True;
}

nb::object attribute_of(nb::handle object, const char* name) {
    // The str of each literal is interned once: creating it takes longer than the attribute lookup.
    static std::unordered_map<const char*, nb::handle> names;
    nb::handle& interned = names[name];
    if (!interned.is_valid()) interned = nb::steal(PyUnicode_InternFromString(name)).release();
    return object.attr(interned);
}

std::string text(nb::handle object, const char* attribute) {
    return text_of(attribute_of(object, attribute), attribute);
}
std::vector<std::string> texts(nb::handle object, const char* attribute) {
    return texts_of(attribute_of(object, attribute), attribute);
}

int number(nb::handle object, const char* attribute) { return number_of(attribute_of(object, attribute), attribute); }

}  // namespace osbot_aws::python

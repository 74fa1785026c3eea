// After waiting for an invoke, the process resumes with cold CPU caches: Python's json then takes 15 us for an event
// that it writes in 2 us with warm caches. Therefore this file writes and reads the value types of nearly all events
// and results itself. All other values are passed to Python's json, which also raises the errors.
#include "python/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "python/conversions.hpp"

namespace osbot_aws::python {
namespace {

nb::handle permanent_reference(const char* module, const char* function) {
    return nb::object(nb::module_::import_(module).attr(function)).release();
}

/// Writes values of the built-in types. Does not run user code, so the values cannot change while it writes.
class Writer {
public:
    /// Returns false if the value has another type or cannot be written.
    bool write(PyObject* value) {
        if (value == Py_None) return put("null");
        if (PyBool_Check(value)) return put(value == Py_True ? "true" : "false");
        if (PyUnicode_CheckExact(value)) return write_text(value);
        if (PyLong_CheckExact(value)) return write_integer(value);
        if (PyFloat_CheckExact(value)) return write_number(PyFloat_AsDouble(value));
        if (PyDict_CheckExact(value)) return nested([&] { return write_object(value); });
        if (PyList_CheckExact(value))
            return nested([&] { return write_array(value, PyList_Size(value), &PyList_GetItem); });
        if (PyTuple_CheckExact(value))
            return nested([&] { return write_array(value, PyTuple_Size(value), &PyTuple_GetItem); });
        return false;
    }

    std::string take() { return std::move(text_); }

private:
    static constexpr int depth_max = 64;  // a deeper value may be a container that contains itself

    bool put(std::string_view text) {
        text_ += text;
        return true;
    }

    bool write_text(PyObject* value) {
        static const nb::handle escape = permanent_reference("_json", "encode_basestring_ascii");
        constexpr auto needs_no_escape = [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; };
        Py_ssize_t size = 0;
        if (const char* bytes = PyUnicode_AsUTF8AndSize(value, &size); bytes == nullptr)
            PyErr_Clear();  // an unpaired surrogate, which is escaped
        else if (const std::string_view text(bytes, static_cast<std::size_t>(size));
                 std::ranges::all_of(text, needs_no_escape))
            return put("\"") && put(text) && put("\"");
        return put(utf8(escape(nb::handle(value))));
    }

    bool write_integer(PyObject* value) {
        int overflow = 0;
        const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
        return overflow == 0 && put(fmt::format_int(number).c_str());
    }

    bool write_number(double number) {
        if (!std::isfinite(number)) return false;
        const std::unique_ptr<char, void (*)(void*)> written(
            PyOS_double_to_string(number, 'r', 0, Py_DTSF_ADD_DOT_0, nullptr), &PyMem_Free);
        return written && put(written.get());
    }

    template <class Write>
    bool nested(Write write) {
        if (depth_ == depth_max) return false;
        ++depth_;
        const bool written = write();
        --depth_;
        return written;
    }

    bool write_object(PyObject* dict) {
        put("{");
        PyObject* key = nullptr;
        PyObject* item = nullptr;
        for (Py_ssize_t at = 0, first = true; PyDict_Next(dict, &at, &key, &item) != 0; first = false) {
            if (!first) put(",");
            if (!PyUnicode_CheckExact(key) || !write_text(key) || !put(":") || !write(item)) return false;
        }
        return put("}");
    }

    bool write_array(PyObject* items, Py_ssize_t size, PyObject* (*item)(PyObject*, Py_ssize_t)) {
        put("[");
        for (Py_ssize_t i = 0; i < size; ++i) {
            if (i > 0) put(",");
            if (!write(item(items, i))) return false;
        }
        return put("]");
    }

    std::string text_;
    int depth_ = 0;
};

/// Creates Python values from the events of nlohmann's parser. Stops at an error, and at an integer so large that the
/// parser reports it as a floating point number.
class Reader final : public nlohmann::json_sax<Json> {
public:
    nb::object take() { return std::move(root_); }

    bool null() override { return add(nb::none()); }
    bool boolean(bool value) override { return add(nb::bool_(value)); }
    bool number_integer(number_integer_t value) override { return add(nb::int_(value)); }
    bool number_unsigned(number_unsigned_t value) override { return add(nb::int_(value)); }
    bool number_float(number_float_t value, const string_t& text) override {
        return text.find_first_of(".eE") != string_t::npos && add(nb::float_(value));
    }
    bool string(string_t& value) override { return add(to_python(std::string_view(value))); }
    bool binary(binary_t& /*value*/) override { return false; }
    bool start_object(std::size_t /*elements*/) override { return open(nb::dict()); }
    bool start_array(std::size_t /*elements*/) override { return open(nb::list()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        keys_.push_back(to_python(std::string_view(value)));
        return true;
    }
    bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override {
        return false;
    }

private:
    bool add(nb::object value) {
        if (open_.empty())
            root_ = std::move(value);
        else if (PyList_Check(open_.back().ptr()))
            return PyList_Append(open_.back().ptr(), value.ptr()) == 0;
        else {
            const nb::object key = std::move(keys_.back());
            keys_.pop_back();
            return PyDict_SetItem(open_.back().ptr(), key.ptr(), value.ptr()) == 0;
        }
        return true;
    }
    bool open(nb::object container) {
        if (!add(container)) return false;
        open_.push_back(std::move(container));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    nb::object root_;
    std::vector<nb::object> open_;
    std::vector<nb::object> keys_;  // keys whose value has not been read yet
};

}  // namespace

std::string event_text(nb::handle value) {
    if (value.is_none()) return "{}";
    if (Writer writer; writer.write(value.ptr())) return writer.take();
    static const nb::handle dumps = permanent_reference("osbot_aws.core.Json_Text", "dumps");
    return std::string(utf8(dumps(value)));
}

nb::object parse_json_text(std::string_view json) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    // nlohmann ignores the mark and all text after a NUL byte; json.loads() rejects both.
    const bool same_rules = !json.starts_with(byte_order_mark) && json.find('\0') == std::string_view::npos;
    if (Reader reader; same_rules && Json::sax_parse(json, &reader)) return reader.take();
    static const nb::handle loads = permanent_reference("osbot_aws.core.Json_Text", "loads");
    try {
        return loads(to_python(json));
    } catch (nb::python_error& error) {
        if (!error.matches(PyExc_ValueError)) throw;
        return {};
    }
}

}  // namespace osbot_aws::python

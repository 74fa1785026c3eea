// An invoke waits while others use the CPU, and comes back to cold caches: Python's json takes 15 us of it for an
// event that it writes in 2 us when warm. So what nearly all events and results are made of is written and read here;
// whatever else there is goes to Python's json, which also has the words for what is wrong.
#include "python/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "python/conversions.hpp"

namespace osbot_aws::python {
namespace {

nb::handle found_once(const char* module, const char* function) {
    return nb::object(nb::module_::import_(module).attr(function)).release();
}

/// Writes plain values; runs no code of the user's, so nothing changes meanwhile.
class Writer {
public:
    /// False: it isn't plain, or is wrong.
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
    static constexpr int deepest = 64;  // deeper ones may hold themselves

    bool put(std::string_view text) {
        text_ += text;
        return true;
    }

    bool write_text(PyObject* value) {
        static const nb::handle escaped = found_once("_json", "encode_basestring_ascii");
        constexpr auto as_it_is = [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; };
        Py_ssize_t size = 0;
        if (const char* bytes = PyUnicode_AsUTF8AndSize(value, &size); bytes == nullptr)
            PyErr_Clear();  // half a surrogate pair, which has an escape
        else if (const std::string_view text(bytes, static_cast<std::size_t>(size));
                 std::ranges::all_of(text, as_it_is))
            return put("\"") && put(text) && put("\"");
        return put(utf8(escaped(nb::handle(value))));
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
        if (depth_ == deepest) return false;
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

/// Makes Python's values of what nlohmann's parser meets. An integer that it takes for a floating point number, for
/// its size, ends the reading, as an error does.
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
    std::vector<nb::object> keys_;  // of the objects in which a value is awaited
};

}  // namespace

std::string event_text(nb::handle value) {
    if (value.is_none()) return "{}";
    if (Writer writer; writer.write(value.ptr())) return writer.take();
    static const nb::handle dumps = found_once("osbot_aws.core.Json_Text", "dumps");
    return std::string(utf8(dumps(value)));
}

nb::object parsed(std::string_view json) {
    constexpr std::string_view mark = "\xef\xbb\xbf";  // which nlohmann passes over and json.loads() refuses
    if (Reader reader; !json.starts_with(mark) && Json::sax_parse(json, &reader)) return reader.take();
    static const nb::handle loads = found_once("osbot_aws.core.Json_Text", "loads");
    try {
        return loads(to_python(json));
    } catch (nb::python_error& failed) {
        if (!failed.matches(PyExc_ValueError)) throw;
        return {};
    }
}

}  // namespace osbot_aws::python

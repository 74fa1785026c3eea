// Rows of tables of methods: the name of the function in Python, what it calls, and the conversion of each argument.
#pragma once

#include <functional>
#include <type_traits>

#include "python/conversions.hpp"

namespace osbot_aws::python {

// Conversions of an argument. `name` is that of the parameter, for the TypeError.
struct Text {
    using Python = Value;
    const char* name;
    std::string operator()(Value value) const { return text_of(value, name); }
};
struct Texts {
    using Python = Value;
    const char* name;
    std::vector<std::string> operator()(Value value) const { return texts_of(value, name); }
};
struct Text_Map {
    using Python = Value;
    const char* name;
    std::map<std::string, std::string> operator()(Value value) const { return text_map_of(value, name); }
};
struct Binary {
    using Python = Value;
    const char* name;
    std::string operator()(Value value) const { return bytes_of(value, name); }
};
struct Any {
    using Python = Value;
    Json operator()(Value value) const { return json_of(value); }
};
template <class T>
struct Plain {
    using Python = T;
    T operator()(T value) const { return value; }
};

/// A function that returns nothing, or its object, returns True in Python.
template <class Call, class Object, class... Arguments>
auto call_method(const Call& call, Object& object, const Arguments&... arguments) {
    using Returned = std::invoke_result_t<const Call&, Object&, const Arguments&...>;
    if constexpr (std::is_void_v<Returned> || std::is_same_v<Returned, Object&>) {
        std::invoke(call, object, arguments...);
        return true;
    } else {
        return std::invoke(call, object, arguments...);
    }
}

/// Adds the function `name(self, arguments...)`. It calls `on(self, f)`, and `f` calls `call`, a member function or a
/// function of the object and the arguments.
///
///     add_method(core, "s3_file_exists", on_s3, &S3::file_exists, Text{"bucket"}, Text{"key"});
template <class On, class Call, class... Parameters>
void add_method(nb::module_& core, const char* name, On on, Call call, Parameters... parameters) {
    core.def(name, [on, call, parameters...](nb::handle self, typename Parameters::Python... values) {
        return on(self, [call, ... arguments = parameters(values)](auto& object) {
            return call_method(call, object, arguments...);
        });
    });
}

/// Wraps a call that returns a Status: in Python it returns the response, or {'status': 'error', 'error': ...}.
template <class Call>
auto with_error(Call call) {
    return [call](auto& object, const auto&... arguments) {
        return response_or_error(std::invoke(call, object, arguments...));
    };
}

}  // namespace osbot_aws::python

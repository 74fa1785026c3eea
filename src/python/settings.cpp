// The settings of Lambda as properties of a Python class. The table at the top is their only list: Python's Lambda
// inherits the properties, and calls copy the values into a C++ Lambda.
#include "python/settings.hpp"

#include <type_traits>

namespace osbot_aws::python {
namespace {

/// The base class of the Python Lambda. Lists and dicts are Python objects, so that Python code can change them in
/// place; a call converts them.
struct Lambda_Settings {
    Lambda values{""};  ///< without layers, env_variables and tags
    nb::object layers = nb::list();
    nb::object env_variables = nb::dict();
    nb::object tags = nb::dict();
};

/// How Python code sees an empty value.
enum class Empty { empty, none };

/// Calls visit(name, member, representation of an empty value, docstring) for each setting with a single value.
template <class Visit>
void for_each_value(Visit visit) {
    visit("name", &Lambda::name, Empty::empty, "The name: up to 64 of a-z, A-Z, 0-9, - and _.");
    visit("runtime", &Lambda::runtime, Empty::empty, "The runtime, for example python3.11.");
    visit("handler", &Lambda::handler, Empty::empty, "The handler as `module.function`, up to 128 characters.");
    visit("memory", &Lambda::memory, Empty::empty, "The memory in MB, 128 to 10240.");
    visit("memory_size", &Lambda::memory, Empty::empty, "The memory in MB, 128 to 10240; an alias of memory.");
    visit("timeout", &Lambda::timeout, Empty::empty, "The timeout in seconds, 1 to 900.");
    visit("ephemeral_storage", &Lambda::ephemeral_storage, Empty::empty, "The size of /tmp in MB, 512 to 10240.");
    visit("architecture", &Lambda::architecture, Empty::empty, "The processor: x86_64 or arm64.");
    visit("role", &Lambda::role, Empty::none, "The ARN of the execution role.");
    visit("trace_mode", &Lambda::trace_mode, Empty::empty, "The X-Ray tracing mode: PassThrough or Active.");
    visit("description", &Lambda::description, Empty::none, "A description of up to 256 characters.");
    visit("s3_bucket", &Lambda::s3_bucket, Empty::none, "The bucket of the code's zip; ignored if zip_bytes is set.");
    visit("s3_key", &Lambda::s3_key, Empty::none, "The key of the code's zip in s3_bucket.");
    visit("zip_bytes", &Lambda::zip_bytes, Empty::none, "The code's zip, up to 50 MB (52,428,800 bytes).");
    visit("folder_code", &Lambda::folder_code, Empty::none, "The folder that upload() zips.");
    visit("image_uri", &Lambda::image_uri, Empty::none, "The URI of a container image, which replaces the zip.");
}

// zip_bytes is the only setting that contains binary data.
bool is_binary(std::string Lambda::*member) { return member == &Lambda::zip_bytes; }

nb::object python_value(const Lambda& from, int Lambda::*member, Empty /*empty*/) { return nb::int_(from.*member); }
nb::object python_value(const Lambda& from, std::filesystem::path Lambda::*member, Empty /*empty*/) {
    return or_none((from.*member).string());
}
nb::object python_value(const Lambda& from, std::string Lambda::*member, Empty empty) {
    const std::string& value = from.*member;
    if (value.empty() && empty == Empty::none) return nb::none();
    return is_binary(member) ? nb::object(nb::bytes(value.data(), value.size())) : to_python(value);
}

void assign(Lambda& to, int Lambda::*member, nb::handle value, const char* name) {
    to.*member = number_of(value, name);
}
void assign(Lambda& to, std::filesystem::path Lambda::*member, nb::handle value, const char* name) {
    to.*member = text_of(value, name);
}
void assign(Lambda& to, std::string Lambda::*member, nb::handle value, const char* name) {
    to.*member = is_binary(member) ? bytes_of(value, name) : text_of(value, name);
}

/// Returns the list itself, so that the caller's later changes apply, or a list of the items of another iterable.
nb::object list_of(nb::handle value, const char* name) {
    if (value.is_none()) return nb::list();
    const bool convertible = !PyList_Check(value.ptr()) && !PyUnicode_Check(value.ptr()) && !PyDict_Check(value.ptr());
    nb::object list = convertible ? nb::object(nb::list(value)) : nb::borrow(value);
    texts_of(list, name);  // raises TypeError
    return list;
}

/// Returns the dict itself; None becomes an empty dict.
nb::object dict_of(nb::handle value, const char* name) {
    text_map_of(value, name);  // raises TypeError
    return value.is_none() ? nb::object(nb::dict()) : nb::borrow(value);
}

using Check = nb::object (*)(nb::handle value, const char* name);

void add_collection(nb::class_<Lambda_Settings>& cls, const char* name, nb::object Lambda_Settings::*member,
                    Check check, const char* docstring) {
    cls.def_prop_rw(
        name, [member](const Lambda_Settings& settings) { return settings.*member; },
        [member, check, name](Lambda_Settings& settings, Value value) { settings.*member = check(value, name); },
        docstring);
}

Lambda_Settings& native_settings(nb::handle python_lambda) { return nb::cast<Lambda_Settings&>(python_lambda); }

}  // namespace

void read_settings(nb::handle from, Lambda& to) {
    const Lambda_Settings& settings = native_settings(from);
    for_each_value([&](const char*, auto member, Empty, const char*) { to.*member = settings.values.*member; });
    to.layers = texts_of(settings.layers, "layers");
    to.env_variables = text_map_of(settings.env_variables, "env_variables");
    to.tags = text_map_of(settings.tags, "tags");
}

void write_back_settings(const Lambda& from, nb::handle to) {
    Lambda& values = native_settings(to).values;
    for (const auto member : {&Lambda::role, &Lambda::s3_bucket, &Lambda::s3_key, &Lambda::zip_bytes})
        values.*member = from.*member;
}

void add_settings(nb::module_& core) {
    nb::class_<Lambda_Settings> cls(core, "Lambda_Settings");
    cls.def(nb::init<>());
    for_each_value([&](const char* name, auto member, Empty empty, const char* docstring) {
        cls.def_prop_rw(
            name,
            [member, empty](const Lambda_Settings& settings) { return python_value(settings.values, member, empty); },
            [member, name](Lambda_Settings& settings, Value value) { assign(settings.values, member, value, name); },
            docstring);
    });
    add_collection(cls, "layers", &Lambda_Settings::layers, &list_of,
                   "The ARNs of layer versions, up to 5; files of later layers overwrite files of earlier ones.");
    add_collection(cls, "env_variables", &Lambda_Settings::env_variables, &dict_of,
                   "The environment variables; up to 4 KB as JSON.");
    core.def("check_env_variables", [](Value variables) { text_map_of(variables, "env_variables"); });
    add_collection(cls, "tags", &Lambda_Settings::tags, &dict_of, "Up to 50 tags; only create() sends them.");
}

}  // namespace osbot_aws::python

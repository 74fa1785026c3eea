#include "cli/project/project_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/characters.hpp"
#include "base/local_error.hpp"
#include "embedded/cpp_CMakeLists_txt.hpp"
#include "embedded/cpp_README_md.hpp"
#include "embedded/cpp_event_json.hpp"
#include "embedded/cpp_gitignore.hpp"
#include "embedded/cpp_hello_cpp.hpp"
#include "embedded/cpp_hello_hpp.hpp"
#include "embedded/cpp_hello_test_cpp.hpp"
#include "embedded/cpp_main_cpp.hpp"
#include "embedded/cpp_osbot_toml.hpp"
#include "embedded/node_README_md.hpp"
#include "embedded/node_event_json.hpp"
#include "embedded/node_gitignore.hpp"
#include "embedded/node_hello_mjs.hpp"
#include "embedded/node_hello_test_mjs.hpp"
#include "embedded/node_osbot_toml.hpp"
#include "embedded/node_package_json.hpp"
#include "embedded/python_README_md.hpp"
#include "embedded/python_event_json.hpp"
#include "embedded/python_gitignore.hpp"
#include "embedded/python_hello_py.hpp"
#include "embedded/python_osbot_toml.hpp"
#include "embedded/python_requirements_dev_txt.hpp"
#include "embedded/python_test_hello_py.hpp"

namespace osbot_aws::cli {
namespace {

constexpr std::string_view template_name = "hello";
constexpr std::size_t name_max = 64;  // https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html

using Template = std::pair<std::string_view, const std::string_view*>;

constexpr Template cpp_files[] = {
    {"CMakeLists.txt", &embedded::cpp_CMakeLists_txt}, {"hello.hpp", &embedded::cpp_hello_hpp},
    {"hello.cpp", &embedded::cpp_hello_cpp},           {"main.cpp", &embedded::cpp_main_cpp},
    {"hello_test.cpp", &embedded::cpp_hello_test_cpp}, {"event.json", &embedded::cpp_event_json},
    {"README.md", &embedded::cpp_README_md},           {".gitignore", &embedded::cpp_gitignore},
    {"osbot.toml", &embedded::cpp_osbot_toml},
};
constexpr Template python_files[] = {
    {"hello.py", &embedded::python_hello_py},     {"test_hello.py", &embedded::python_test_hello_py},
    {"event.json", &embedded::python_event_json}, {"requirements-dev.txt", &embedded::python_requirements_dev_txt},
    {"README.md", &embedded::python_README_md},   {".gitignore", &embedded::python_gitignore},
    {"osbot.toml", &embedded::python_osbot_toml},
};
constexpr Template node_files[] = {
    {"hello.mjs", &embedded::node_hello_mjs},       {"hello.test.mjs", &embedded::node_hello_test_mjs},
    {"package.json", &embedded::node_package_json}, {"event.json", &embedded::node_event_json},
    {"README.md", &embedded::node_README_md},       {".gitignore", &embedded::node_gitignore},
    {"osbot.toml", &embedded::node_osbot_toml},
};

std::span<const Template> files_of(std::string_view language) {
    if (language == "cpp") return cpp_files;
    if (language == "node") return node_files;
    return python_files;
}

// Names that a C++ function, a Python module or a CMake target cannot have.
constexpr std::array reserved_names = {
    "alignas",  "alignof",  "and",      "as",       "asm",     "assert",  "async",     "auto",      "await",
    "bool",     "break",    "case",     "catch",    "char",    "class",   "concept",   "const",     "constexpr",
    "continue", "decltype", "def",      "default",  "del",     "delete",  "do",        "double",    "elif",
    "else",     "enum",     "except",   "explicit", "export",  "extern",  "false",     "finally",   "float",
    "for",      "friend",   "from",     "global",   "goto",    "if",      "import",    "in",        "inline",
    "int",      "is",       "lambda",   "long",     "main",    "mutable", "namespace", "new",       "noexcept",
    "nonlocal", "not",      "nullptr",  "operator", "or",      "pass",    "private",   "protected", "public",
    "raise",    "register", "requires", "return",   "short",   "signed",  "sizeof",    "static",    "std",
    "struct",   "switch",   "template", "this",     "throw",   "true",    "try",       "typedef",   "typeid",
    "typename", "union",    "unsigned", "using",    "virtual", "void",    "volatile",  "while",     "with",
    "xor",      "yield",    "all",      "clean",    "help",    "install", "package",   "test",      "osbot_aws",
};

std::string with_name(std::string_view text, std::string_view name) {
    std::string out(text);
    for (std::size_t at = 0; (at = out.find(template_name, at)) != std::string::npos; at += name.size())
        out.replace(at, template_name.size(), name);
    return out;
}

/// my-function -> my_function
std::string valid_name(std::string_view name) {
    std::string valid;
    for (const char c : name) valid += base::is_alphanumeric(c) ? c : '_';
    if (valid.empty() || base::is_digit(valid.front())) valid.insert(0, "f_");
    if (std::find(reserved_names.begin(), reserved_names.end(), valid) != reserved_names.end()) valid += "_function";
    return valid.substr(0, name_max);
}

}  // namespace

std::vector<Project_File> project_files(std::string_view language, std::string_view name) {
    std::vector<Project_File> files;
    for (const auto& [path, text] : files_of(language))
        files.push_back({with_name(path, name), with_name(*text, name)});
    return files;
}

Result<void> check_function_name(std::string_view name) {
    const std::string valid = valid_name(name);
    if (valid == name) return {};
    return local_error("InvalidName", "invalid name '{}': it must be usable as an identifier in the program; try '{}'",
                       name, valid);
}

}  // namespace osbot_aws::cli

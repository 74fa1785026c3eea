#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::packing {

/// Where one says which function is meant: for messages, which programs, Python and the command show alike.
constexpr std::string_view handler_is_named_in =
    "Deploy_Options::handler (C++), handler= (Python: the function itself, or \"module:function\"), or --handler "
    "(osbot)";

/// A function at the top level of a Python file.
struct Python_Function {
    std::string name;
    int parameters = 0;  ///< that a caller must or may give by position
};

/// The top-level functions of a Python source, in order; read as text, nothing is run.
std::vector<Python_Function> python_functions(std::string_view source);

/// The handler of a Python file: the first of handler, lambda_handler, run, main; else the only public function of two
/// parameters. Errors: HandlerNotFound, which lists the candidates.
Result<std::string> find_python_handler(std::string_view source);

/// The handlers that a program registered, as it lists them itself. Errors: HandlerNotFound when it lists none.
Result<std::vector<std::string>> list_program_handlers(const std::filesystem::path& program);

}  // namespace osbot_aws::packing

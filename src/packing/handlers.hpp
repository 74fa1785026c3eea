#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::packing {

/// The settings that select the handler, for messages that are shown to C++, Python and command-line users alike.
constexpr std::string_view handler_settings =
    "Deploy_Options::handler (C++), handler= (Python: the function itself, or \"module:function\"), or --handler "
    "(osbot)";

/// A function at the top level of a Python file.
struct Python_Function {
    std::string name;
    int parameters = 0;  ///< number of positional parameters, including optional ones
};

/// Returns the top-level functions of a Python source, in order. The source is parsed as text and not executed.
std::vector<Python_Function> python_functions(std::string_view source);

/// Returns the handler of a Python file: the first of handler, lambda_handler, run, main; else the only public function
/// with two parameters. Errors: HandlerNotFound, which lists the candidates.
Result<std::string> find_python_handler(std::string_view source);

/// Runs a program with OSBOT_AWS_LIST_HANDLERS=1 and returns the handlers that it lists. Errors: HandlerNotFound if it
/// lists none.
Result<std::vector<std::string>> list_program_handlers(const std::filesystem::path& program);

}  // namespace osbot_aws::packing

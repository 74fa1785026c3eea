#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "packing/elf.hpp"

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

/// Returns the handler of a Python file: the first of handler, lambda_handler, run, main that is a function, a variable
/// or an imported name; else the only public function with two parameters. Errors: HandlerNotFound, which lists the
/// candidates.
Result<std::string> find_python_handler(std::string_view source);

/// Reads the header of a program. Errors: NotExecutable if it is a text file, a library or not for Linux; FileError.
Result<Elf> read_program(const std::filesystem::path& program);

/// Runs a program with OSBOT_AWS_LIST_HANDLERS=1 and returns the handlers that it lists. The program gets this
/// process's LD_LIBRARY_PATH. Errors: NotExecutable if it cannot be started, with the loader's message; HandlerNotFound
/// if it started and lists none.
Result<std::vector<std::string>> list_program_handlers(const std::filesystem::path& program);

/// Returns the name under which a C++ function is registered: shop_price for shop::price.
std::string program_handler_name(std::string name);

}  // namespace osbot_aws::packing

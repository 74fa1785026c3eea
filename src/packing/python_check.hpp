#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "packing/package.hpp"

namespace osbot_aws::packing {

struct Python_Check {
    std::string handler;                ///< module.function
    bool has_layers = false;            ///< the module may be in a layer
    std::filesystem::path interpreter;  ///< of the runtime; empty: only the existence of the file is checked
};

/// Checks that the file of a Python handler is in the package, and that the interpreter of the runtime can parse it and
/// the modules of the package that it imports at its top level. The code is not run. Returns a warning if the function
/// is not visible in the file (it may still exist at run time); "" if there is none.
///
/// Errors, with the codes that the function would fail with: Runtime.ImportModuleError (no such file),
/// Runtime.UserCodeSyntaxError (names file and line); InvalidHandler (`async def`).
Result<std::string> check_python_handler(const Package& package, const Python_Check& check);

/// Returns whether the module of a handler is in the package: a file, an extension module or a folder.
bool has_handler_file(const Package& package, const std::string& handler);

}  // namespace osbot_aws::packing

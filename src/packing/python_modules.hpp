#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "packing/package.hpp"
#include "packing/wheels.hpp"

namespace osbot_aws::packing {

/// Where a Python module lies on this machine.
struct Python_Module {
    std::filesystem::path file;                  ///< of a module that is one file; empty: a package
    std::vector<std::filesystem::path> folders;  ///< of a package; several of a namespace package
    std::string source;                          ///< of a module that has no file
};

/// As the runtime's own interpreter (python3.11 of PATH), else python3, would import it from here; nothing of it is
/// run. Errors: InterpreterNotFound; ModuleNotFound, which names the interpreter that was asked.
Result<Python_Module> find_python_module(const std::string& name, const std::string& runtime);

/// Adds a module of this machine at its place for `import`. Errors: those above; WrongPlatform when a native part of it
/// can't be loaded on the target: another Python, another processor, or a newer C library than it has.
Result<void> add_python_module(Package& package, const std::string& name, const Wheel_Target& target);
/// The same, of a module that is found already. Errors: WrongPlatform.
Result<void> add_python_module(Package& package, const std::string& name, const Python_Module& module,
                               const Wheel_Target& target);

}  // namespace osbot_aws::packing

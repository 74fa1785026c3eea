#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "packing/package.hpp"
#include "packing/wheels.hpp"

namespace osbot_aws::packing {

/// The location of a Python module on this machine.
struct Python_Module {
    std::filesystem::path file;                  ///< the file of a module; empty for a package
    std::vector<std::filesystem::path> folders;  ///< the folders of a package; a namespace package may have several
    std::string source;                          ///< the source of a module that has no file
};

/// Finds the module that the runtime's interpreter (python3.11 on PATH), else python3, would import from the working
/// directory. The module is not executed. Errors: InterpreterNotFound; ModuleNotFound, which names the interpreter.
Result<Python_Module> find_python_module(const std::string& name, const std::string& runtime);

/// Adds a module of this machine under its import path. Errors: those of find_python_module(); WrongPlatform if a
/// shared object of the module cannot be loaded on the target: wrong Python version, wrong processor, or a newer glibc
/// needed.
Result<void> add_python_module(Package& package, const std::string& name, const Wheel_Target& target);
/// Adds a module that find_python_module() returned. Errors: WrongPlatform.
Result<void> add_python_module(Package& package, const std::string& name, const Python_Module& module,
                               const Wheel_Target& target);

}  // namespace osbot_aws::packing

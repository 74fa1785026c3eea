#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace osbot_aws::packing {

/// A program that installs Python packages.
struct Python_Installer {
    std::string name;                  ///< for messages: `uv`, `python3.11 -m pip`
    std::vector<std::string> command;  ///< up to and including `install`
    bool uv = false;                   ///< uv and pip have different options
    bool has_dry_run = true;           ///< false: pip older than 22.2
    /// The private virtual environment if no cache folder is writable. It is deleted with the last copy.
    std::shared_ptr<const base::Temporary_Folder> environment = {};
};

/// Shortens the output of a program, such as a traceback, to one line for an error message. The start and the end are
/// retained, because they contain the cause.
std::string one_line(const std::string& text);

/// Finds a program that can install packages for the runtime (`python3.11`), and runs it once to check that it works.
///
/// The order: uv on PATH; pip of the interpreter of the runtime; pip of `python3`, then `pip3` and `pip`; pip in a
/// private virtual environment. A candidate that is broken or too old is skipped. pip evaluates environment markers for
/// the interpreter that runs it, so the interpreter of the runtime is preferred.
///
/// The virtual environment is created once, in a few seconds, in cache_folder()/pip/python3.N. Several processes may
/// call this at the same time. An environment that no longer works is replaced; a user may delete it at any time.
///
/// Errors: InstallerNotFound, with the reason for each rejected candidate and three ways to install one.
Result<Python_Installer> find_python_installer(const std::string& runtime);

}  // namespace osbot_aws::packing

#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::services {

constexpr std::chrono::seconds version_time_max{10};  ///< of a program that is run with --version

struct Interpreter {
    std::filesystem::path program;   ///< with symbolic links resolved
    std::filesystem::path packages;  ///< site-packages of Python's virtual environment; empty: none
};

/// The interpreters of one language by version: the minor version of Python 3, the major version of Node.js.
using Interpreters = std::map<int, Interpreter>;

/// Lambda's runtimes of a language, and the interpreters of this host.
struct Language {
    std::string_view prefix, suffix;  ///< of the runtime identifier, around the version
    std::string_view advice;          ///< how to install an interpreter
    Interpreters (*find)();           ///< reads folders and may run programs

    /// Returns the version in a runtime identifier, or nullopt for other languages: "nodejs22.x" -> 22
    std::optional<int> version_of(std::string_view runtime) const;
    std::string runtime_of(int version) const;
    /// Returns the interpreter of this version, else of the nearest. Errors: InvalidRuntime if there is none; with
    /// `strict` also if there is none of this version.
    Result<Interpreters::const_iterator> choose(const Interpreters& found, int version, bool strict) const;
};

extern const Language python_language, node_language;

}  // namespace osbot_aws::services

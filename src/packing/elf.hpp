#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::packing {

/// What packing needs to know of an ELF file.
struct Elf {
    std::string architecture;                 ///< x86_64, arm64, or a number
    bool program = false;                     ///< can be executed; false: a shared library or object
    bool symbols = false;                     ///< has a table of symbols, which loaded_part() has not
    std::string interpreter;                  ///< the loader; empty: static
    std::vector<std::string> needed;          ///< names of shared objects
    std::vector<std::string> glibc_versions;  ///< required, e.g. "2.34"
};

/// nullopt: no ELF file. Errors: FileError, or BadElf when it is cut off.
Result<std::optional<Elf>> read_elf(const std::filesystem::path& file);
/// The same of bytes; `name` is for the error.
Result<std::optional<Elf>> parse_elf(std::string_view bytes, const std::string& name);

/// A program as far as it is loaded: without the symbols and debug information behind that, and without the table of
/// sections, which only linkers and debuggers look at. Errors: FileError, BadElf.
Result<std::string> loaded_part(const std::filesystem::path& file);

/// True when "2.36" > "2.34" as versions.
bool newer_version(const std::string& a, const std::string& b);

}  // namespace osbot_aws::packing

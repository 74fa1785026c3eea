#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::packing {

/// The properties of an ELF file that packing needs.
struct Elf {
    std::string architecture;                 ///< x86_64, arm64, or a number
    bool program = false;                     ///< can be executed; false: a shared library or object
    bool symbols = false;                     ///< has a symbol table, which loaded_part() removes
    std::string interpreter;                  ///< the loader; empty: static
    std::vector<std::string> needed;          ///< names of shared objects
    std::string run_path;                     ///< folders in which the loader searches for them, separated by colons
    std::vector<std::string> glibc_versions;  ///< required, e.g. "2.34"
};

/// Reads an ELF file. Returns nullopt if it is not one. Errors: FileError; BadElf if it is truncated or not 64-bit.
Result<std::optional<Elf>> read_elf(const std::filesystem::path& file);
/// Reads an ELF file from memory, except `symbols`. `name` is used in error messages.
Result<std::optional<Elf>> parse_elf(std::string_view bytes, const std::string& name);

/// Returns the part of a program that is loaded at run time, without symbols, debug information and the section table,
/// which only linkers and debuggers use. Errors: FileError, BadElf.
Result<std::string> loaded_part(const std::filesystem::path& file);

/// Returns true if version `a` is newer than version `b`, such as "2.36" and "2.34".
bool newer_version(const std::string& a, const std::string& b);

}  // namespace osbot_aws::packing

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "packing/elf.hpp"

namespace osbot_aws::packing {

/// Returns the shared objects of a program, with its loader, as absolute paths.
///
/// The loader of a program for this host lists them, with this process's LD_LIBRARY_PATH. For another processor they
/// are searched for, in the run path of each object, in LD_LIBRARY_PATH, and in the folders of Debian's cross
/// compilers. Errors: NotExecutable, with the loader's own message, or with the name of the library that was not found.
Result<std::vector<std::filesystem::path>> shared_objects_of(const std::filesystem::path& program, const Elf& elf);

/// Returns the environment variables that the loader of a program needs: LD_LIBRARY_PATH if it is set.
std::vector<std::string> loader_variables();

/// Runs the loader's check of a program for this host. Errors: NotExecutable with the loader's message if it cannot
/// start the program.
Result<std::string> list_with_loader(const std::filesystem::path& program, const Elf& elf);

}  // namespace osbot_aws::packing

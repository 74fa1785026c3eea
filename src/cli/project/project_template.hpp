// The projects that `osbot init` creates. Each folder in templates/ is a working project of a function named hello.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::cli {

struct Project_File {
    std::string path;  ///< relative to the project's folder
    std::string text;
};

/// Returns the files of a new project in this language (cpp, python or node) for a function with that name.
std::vector<Project_File> project_files(std::string_view language, std::string_view name);

/// Checks that the name is valid in C++, Python and CMake. Errors: InvalidName, which proposes a valid name.
Result<void> check_function_name(std::string_view name);

}  // namespace osbot_aws::cli

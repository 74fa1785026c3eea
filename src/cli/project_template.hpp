// The projects that `osbot init` makes. In templates/ each is a project that works, of a function called hello.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::cli {

struct Project_File {
    std::string path;  ///< in the project's folder
    std::string text;
};

/// The files of a new project in this language (cpp or python) for a function of that name.
std::vector<Project_File> project_files(std::string_view language, std::string_view name);

/// Errors: InvalidName when a program can't have a function of that name; proposes one that it can have.
Result<void> check_function_name(std::string_view name);

}  // namespace osbot_aws::cli

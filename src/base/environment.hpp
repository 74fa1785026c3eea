#pragma once

#include <cstdlib>
#include <string>

namespace osbot_aws::base {

/// Returns an environment variable; `otherwise` if it is unset or empty.
inline std::string variable(const std::string& name, std::string otherwise = "") {
    const char* value = std::getenv(name.c_str());
    return value != nullptr && *value != '\0' ? value : otherwise;
}

/// Returns whether an environment variable is set, also to an empty value.
inline bool has_variable(const char* name) { return std::getenv(name) != nullptr; }

}  // namespace osbot_aws::base
